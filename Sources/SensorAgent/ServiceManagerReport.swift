// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import LinuxHost
import Logging
import Quantities
import Synchronization

/// Tells the service manager when the agent is ready, what it does, and that its control loop runs.
///
/// The control loop itself feeds the watchdog: one that hangs feeds nobody, whatever else still works.
final class ServiceManagerReport: Service {
    private struct State {
        var readiness: Readiness
        var watchdog: WatchdogFeeder
        var lookedAt: ContinuousClock.Instant?
        var hasFailed = false

        /// Whether the line may be another one by now; each look wakes other threads.
        mutating func looks(at now: ContinuousClock.Instant) -> Bool {
            if let lookedAt, lookedAt.duration(to: now) < .seconds(10) { return false }
            lookedAt = now
            return true
        }
    }

    private let manager: ServiceManager
    private let log: Logger
    private let state: Mutex<State>
    private let line: @Sendable () async -> String
    private let ticks: AsyncStream<Void>
    private let tick: AsyncStream<Void>.Continuation

    /// Makes a report of an agent with these sensors; `line` is its state in one line.
    init(
        to manager: ServiceManager, sensors: [SensorName], log: Logger,
        line: @escaping @Sendable () async -> String
    ) {
        self.manager = manager
        self.log = log
        self.line = line
        state = Mutex(
            State(
                readiness: Readiness(sensors: sensors),
                watchdog: WatchdogFeeder(interval: manager.watchdogInterval)))
        (ticks, tick) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// A sensor gave its value, or none.
    func hasTried(_ sensor: SensorName) {
        if state.withLock({ $0.readiness.hasTried(sensor) }) { tell(.ready) }
    }

    /// The control loop has looked at the time and set its relays.
    func hasControlled(at now: ContinuousClock.Instant) {
        let (isReady, isDue, looks) = state.withLock { state in
            (state.readiness.hasControlled(), state.watchdog.isDue(at: now), state.looks(at: now))
        }
        if isReady { tell(.ready) }
        if isDue { tell(.watchdog) }
        if looks, manager.isThere { tick.yield() }
    }

    /// Tells the state whenever it is another one, until the program ends; what the line waits for holds up nothing else.
    func run(until end: Ending) async {
        let telling = Task {
            var told = ""
            for await _ in ticks {
                let text = await line()
                guard text != told else { continue }
                told = text
                tell(.status(text))
            }
        }
        await end.wait()
        telling.cancel()
        tell(.stopping, .status("ending"))
    }

    private func tell(_ states: ServiceState...) {
        do throws(HostError) {
            for state in states { try manager.notify(state) }
        } catch {
            let isFirst = state.withLock { state in
                defer { state.hasFailed = true }
                return !state.hasFailed
            }
            if isFirst { log.warning("The service manager cannot be told how the agent does: \(error)") }
        }
    }
}
