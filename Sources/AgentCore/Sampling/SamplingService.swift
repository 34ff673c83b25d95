// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import Logging
package import Quantities

/// Reads every sensor on its schedule, one task per bus, and hands readings on before the next ones.
///
/// A bus that hangs is told as a failure of its sensors, and holds up no other bus.
package struct SamplingService: Service {
    private let setups: [SensorSetup]
    private let around: BusLoop.Surroundings

    /// Makes the service.
    ///
    /// `results` gets every result, readings and failures; `deliver` gets every reading that could be taken, in order
    /// per bus, several at once where their sensors were due together; `failed` gets the name of every sensor whose sample
    /// failed; `told` is called after every result.
    package init(
        setups: [SensorSetup], hardware: any Hardware, time: any TimeSource, log: Logger,
        results: LatestResults = LatestResults(),
        told: @escaping @Sendable (SensorName) async -> Void = { _ in },
        failed: @escaping @Sendable (SensorName) async -> Void = { _ in },
        deliver: @escaping @Sendable ([Reading]) async -> Void
    ) {
        self.setups = setups
        around = BusLoop.Surroundings(
            hardware: hardware, time: time, log: log, results: results, deliver: deliver, failed: failed,
            told: told)
    }

    /// Runs until the program ends, or the task is cancelled; chips are left as they were found.
    ///
    /// A bus that hangs is left behind after a second, so that it cannot hold up the end of everything else.
    package func run(until end: Ending) async {
        let loops = Dictionary(grouping: setups, by: \.bus).map { bus, setups in
            Task {
                var loop = BusLoop(bus: bus, setups, around)
                await loop.run()
            }
        }
        await end.wait()
        for loop in loops { loop.cancel() }
        await limited(to: .seconds(1), around.time) {
            for loop in loops { await loop.value }
        }
    }
}
