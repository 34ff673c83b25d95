// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Logging
package import PlugAndPlay
package import Quantities
package import StateStore
import ThermostatControl

/// Ticks the control loop, tells what it does, and has the store remember what must outlive the program.
///
/// At the end the relays go off first, whatever else still runs.
package struct ControlService: Service {
    /// The time between two ticks of a thermostat that drives a relay.
    package static let interval = Duration.seconds(1)
    /// The same where no thermostat does, and there is nothing to hold but the times of faults.
    private static let idleInterval = Duration.seconds(4)

    /// How often to tick: every second with a relay; else seldom, but often enough for a watchdog that wants to be fed
    /// every `watchdog`.
    package static func interval(drivesRelay: Bool, watchdog: Duration?) -> Duration {
        guard !drivesRelay else { return interval }
        return max(interval, min(idleInterval, watchdog.map { $0 / 2 } ?? idleInterval))
    }

    private let control: ControlLoop
    private let store: StateStore
    private let time: any TimeSource
    private let log: Logger
    private let interval: Duration
    private let onTick: @Sendable () -> Void
    private let memoryName: @Sendable (ThermostatID) -> String
    private let targetSetHere: @Sendable (ThermostatID, Double) async -> Void

    /// Makes the service, which ticks every `interval`; `targetSetHere` is told of every target that somebody on this
    /// machine has set.
    ///
    /// The store keeps what it has to remember of a thermostat under its `memoryName`. `onTick` is called on the
    /// control's thread after every tick that was done to its end; it must not block.
    package init(
        control: ControlLoop, store: StateStore, time: any TimeSource, log: Logger,
        interval: Duration = Self.interval, onTick: @escaping @Sendable () -> Void = {},
        memoryName: @escaping @Sendable (ThermostatID) -> String = { $0.rawValue },
        targetSetHere: @escaping @Sendable (ThermostatID, Double) async -> Void
    ) {
        self.control = control
        self.store = store
        self.time = time
        self.log = log
        self.interval = interval
        self.onTick = onTick
        self.memoryName = memoryName
        self.targetSetHere = targetSetHere
    }

    /// Runs until the program ends.
    package func run(until end: Ending) async {
        let queue = StoreQueue()
        let writing = Task { await queue.run(on: store, time: time, log: log) }
        let telling = Task {
            for await notice in control.notices { await tell(notice, queue) }
        }
        let ticking = control.startTicking(every: interval, onTick: onTick)
        await end.wait()
        ticking.cancel()
        for line in await control.end() {
            log.error(
                """
                \(line) is not confirmed off at the end: run `sensor-agent relay off`, or cut the power of the load.
                """)
        }
        // What the end has yielded is in the stream before this.
        await limited(to: .seconds(1), time) {
            await control.finish()
            await telling.value
            await queue.drain()
        }
        writing.cancel()
    }

    private func tell(_ notice: ControlLoop.Notice, _ queue: StoreQueue) async {
        switch notice {
        case .decided(let id, let decision): log.info("\(id): \(decision.sentence)")
        case .fault(let id, let fault):
            if fault.clearedAt == nil {
                log.warning("\(id): \(fault.code.rawValue): \(fault.text).")
            } else {
                log.notice("\(id): \(fault.code.rawValue) is over: \(fault.clearedBy).")
            }
        case .remember(let id, let memory):
            let name = memoryName(id)
            queue.add(name) { try await $0.setMemory(memory, of: name) }
        case .targetLimited(let id, let wanted, let limited):
            log.warning(
                "\(id): target \(wanted) °C of an earlier run is not allowed any more and was limited to \(limited) °C."
            )
        case .targetSetHere(let id, let celsius):
            log.notice("\(id): target \(celsius) °C set on this machine.")
            await targetSetHere(id, celsius)
        }
    }
}
