// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A service whose own tasks run on a given executor, wherever they may: closer to what they talk with most.
package struct ServiceOnExecutor: Service {
    private let service: any Service
    private let executor: any TaskExecutor

    /// Makes a service of another one; `executor` never blocks.
    package init(_ service: any Service, executor: any TaskExecutor) {
        self.service = service
        self.executor = executor
    }

    /// Runs the service until the program ends.
    package func run(until end: Ending) async {
        await withTaskExecutorPreference(executor) { await service.run(until: end) }
    }
}
