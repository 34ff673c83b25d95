// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import Quantities
package import SensorDrivers

/// One bus, and a limit on how long anybody waits for it.
///
/// A call into the kernel that does not come back holds the bus's thread and cannot be stopped. Nothing more is then
/// asked of that thread until it comes back by itself; what comes so late is dropped, because it may be old.
package actor WatchedBus {
    /// What one visit to a sensor gave.
    package enum Sample: Sendable {
        /// A conversion of now.
        case reading(Reading)
        /// The sensor gave no value.
        case failure(SensorError)
        /// The bus holds the sensor's call, or an earlier one; the error says for how long.
        case unanswered(SensorError)
    }

    private let bus: String
    private let worker: BusWorker
    /// Models in memory never block, and go on while the bus hangs.
    private let standIns: BusWorker
    private let time: any TimeSource
    /// When the call began that has not come back.
    private var heldSince: ContinuousClock.Instant?

    /// Makes a worker for one bus of `hardware`; nothing is opened yet.
    package init(bus: String, hardware: any Hardware, time: any TimeSource) {
        self.bus = bus
        worker = BusWorker(bus: bus, hardware: hardware, time: time)
        standIns = BusWorker(bus: "stand-in", hardware: hardware, time: time)
        self.time = time
    }

    /// One sample, as ``BusWorker/sample(_:)`` takes it, within the patience of `setup`; one at a time.
    package func sample(_ setup: SensorSetup) async -> Sample {
        if let heldSince { return unanswered(since: heldSince) }
        let start = time.now().monotonic
        let (results, feed) = AsyncStream<Result<Reading, SensorError>?>.makeStream(
            bufferingPolicy: .bufferingOldest(1))
        let work = Task(executorPreference: worker.preference) { [worker] in
            _ = feed.yield(await worker.sample(setup))
        }
        let timer = setup.patience.map { patience in
            Task { [time] in
                guard (try? await time.sleep(until: start.advanced(by: patience))) != nil else { return }
                feed.yield(nil)
            }
        }
        defer {
            work.cancel()
            timer?.cancel()
        }
        var iterator = results.makeAsyncIterator()
        switch await iterator.next() {
        case .some(.some(.success(let reading))): return .reading(reading)
        case .some(.some(.failure(let error))): return .failure(error)
        case .some(.none):
            heldSince = start
            Task {
                await work.value
                await returned(setup.name)
            }
            return unanswered(since: start)
        case .none: return .failure(SensorError(.notReady, "the sample was cut short"))
        }
    }

    /// A sample of the simulated stand-in; `nil` where the setup has none.
    package func sampleStandIn(_ setup: SensorSetup) async -> Result<Reading, SensorError>? {
        await standIns.sampleStandIn(setup)
    }

    /// Leaves the chips as they were found, unless the bus hangs; to be called once, at the end.
    package func close() async {
        guard heldSince == nil else { return }
        await worker.close()
    }

    /// The call came back after all: the chip is opened anew, and the bus may be asked again.
    private func returned(_ name: SensorName) async {
        await worker.forget(name)
        heldSince = nil
    }

    private func unanswered(since start: ContinuousClock.Instant) -> Sample {
        let seconds = Int(start.duration(to: time.now().monotonic).seconds.rounded())
        return .unanswered(
            SensorError(
                .busError,
                """
                the bus has not answered for \(seconds) s; check its wiring and whether a chip or another program \
                holds it
                """))
    }
}
