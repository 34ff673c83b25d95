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

    /// What one visit to several sensors gave.
    package enum Round: Sendable {
        /// Of each sensor a conversion of now, or an error, which calls for ``sample(_:)``; nothing after a cancellation.
        case attempted([Result<Reading, SensorError>])
        /// The bus holds a call; the error says for how long.
        case unanswered(SensorError)
    }

    /// One sample, as ``BusWorker/sample(_:)`` takes it, within the patience of `setup`; one call at a time.
    package func sample(_ setup: SensorSetup) async -> Sample {
        let start = time.now().monotonic
        guard let results = await ask([setup], at: start, { worker in [await worker.sample(setup)] }) else {
            return .unanswered(unanswered(since: heldSince ?? start))
        }
        switch results.first {
        case .success(let reading)?: return .reading(reading)
        case .failure(let error)?: return .failure(error)
        case nil: return .failure(SensorError(.notReady, "the sample was cut short"))
        }
    }

    /// One attempt of each sensor, as ``BusWorker/sampleTogether(_:)`` makes it, within the longest patience of them.
    package func sampleTogether(_ setups: [SensorSetup]) async -> Round {
        let start = time.now().monotonic
        let results = await ask(setups, at: start) { worker in await worker.sampleTogether(setups) }
        guard let results else { return .unanswered(unanswered(since: heldSince ?? start)) }
        return .attempted(results)
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

    /// The call came back after all: the chips are opened anew, and the bus may be asked again.
    private func returned(_ names: [SensorName]) async {
        for name in names { await worker.forget(name) }
        heldSince = nil
    }

    /// Has the worker sample `setups`, and waits for it as long as the most patient of them.
    ///
    /// `nil` where the bus hangs; nothing where the caller was cancelled.
    private func ask(
        _ setups: [SensorSetup], at start: ContinuousClock.Instant,
        _ body: @escaping @Sendable (BusWorker) async -> [Result<Reading, SensorError>]
    ) async -> [Result<Reading, SensorError>]? {
        guard heldSince == nil else { return nil }
        let (results, feed) = AsyncStream<[Result<Reading, SensorError>]?>.makeStream(
            bufferingPolicy: .bufferingOldest(1))
        let work = Task(executorPreference: worker.preference) { [worker] in
            _ = feed.yield(await body(worker))
        }
        let timer = setups.compactMap(\.patience).max().map { patience in
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
        case .some(.some(let results)): return results
        case .some(.none):
            heldSince = start
            Task {
                await work.value
                await returned(setups.map(\.name))
            }
            return nil
        case .none: return []
        }
    }

    private func unanswered(since start: ContinuousClock.Instant) -> SensorError {
        let seconds = Int(start.duration(to: time.now().monotonic).seconds.rounded())
        return SensorError(
            .busError,
            """
            the bus has not answered for \(seconds) s; check its wiring and whether a chip or another program \
            holds it
            """)
    }
}
