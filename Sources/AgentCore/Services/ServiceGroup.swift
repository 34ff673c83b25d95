// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A long-running part of the program.
package protocol Service: Sendable {
    /// Runs until `end` is told, or the task is cancelled; then brings its work to an end and returns.
    func run(until end: Ending) async
}

/// Runs services side by side and ends them one after another.
package struct ServiceGroup: Sendable {
    private let services: [any Service]
    private let end = Ending()

    /// Groups services; the last one is told of the end first.
    package init(_ services: [any Service]) { self.services = services }

    /// Begins the end; callable from any task, any number of times.
    package func beginEnd() { end.tell() }

    /// Runs until ``beginEnd()``, then tells each service of the end, the last one first, and waits for it before the next.
    ///
    /// A service that ends by itself ends all others the same way; returns whether none did.
    package func run() async -> Bool {
        let parts = services.map { (service: $0, end: Ending(), hasEnded: Ending()) }
        let hasFailed = Ending()
        for part in parts {
            Task {
                await part.service.run(until: part.end)
                if !part.end.isTold { hasFailed.tell() }
                part.hasEnded.tell()
                end.tell()
            }
        }
        await end.wait()
        for part in parts.reversed() {
            part.end.tell()
            await part.hasEnded.wait()
        }
        return !hasFailed.isTold
    }
}
