// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// One thermostat as a pure value: events and settings in, decisions out; no clock, no task, no output of its own.
///
/// The order of what is looked at, highest first: a latch or hold, a fault or no data, mode off, the gate's maximum on time, its
/// minimum off time, its minimum on time, the band around the target.
package struct Thermostat: Sendable {
    /// Something that happened.
    package enum Event: Sendable, Hashable {
        /// A sensor gave a temperature.
        case sample(TemperatureSample, SensorRole)
        /// A sensor gave none.
        case failure(SensorRole)
        /// Time has passed.
        case tick
        /// The line has not read back as it was set for several ticks.
        case outputDisagrees
        /// The line cannot be had or driven, for a reason that is a clause for people; `nil` when it can again.
        case outputUnavailable(String?)
    }

    /// Which of a thermostat's sensors is meant.
    package enum SensorRole: Sendable, Hashable {
        /// The one that it is controlled by.
        case first
        /// The one that checks the first.
        case second
    }

    /// What the installation says.
    package let configuration: ControlSettings
    /// The target in force, °C; always inside the limits.
    package private(set) var target: Double
    /// The mode in force.
    package private(set) var mode: ThermostatMode
    /// The last faults.
    package private(set) var log = FaultLog()
    /// Why the relay stays off until a reset; `nil` where it need not.
    package private(set) var latch: String?
    /// Why the relay stays off until this is taken back, over no restart; a clause for people, `nil` where it need not.
    package var hold: String?
    /// Whether the restored target had to be limited.
    package let hasLimitedTarget: Bool

    private var gate: OutputGate
    private var first: ReadingWatch
    private var second: ReadingWatch?
    private var crossCheck: CrossCheck?
    private var effect: EffectCheck
    private var wantsOn = false
    /// A fault is over only when the minimum off time has passed since it began.
    private var isRecovering = false
    /// The mode was changed: what was on for the old one goes off first.
    private var mustSwitchOff = false

    /// Begins with the relay off.
    package init(
        _ configuration: ControlSettings, restored: RestoredThermostat = RestoredThermostat(),
        startedAt now: Now
    ) {
        self.configuration = configuration
        let limits = configuration.limits
        let wanted = restored.target.flatMap { $0.isFinite ? $0 : nil }
        target = wanted.map { limits.limited($0) } ?? limits.siteDefault
        hasLimitedTarget = wanted.map { limits.limited($0) != $0 } ?? false
        mode = restored.mode ?? configuration.mode
        latch = restored.latch
        gate = OutputGate(
            configuration.gate, startedAt: now.monotonic, offSince: restored.offSince,
            lockOut: restored.lockOut)
        first = ReadingWatch(configuration.watch, startedAt: now.monotonic)
        second = configuration.second.map { ReadingWatch($0.watch, startedAt: now.monotonic) }
        crossCheck = configuration.second.map { CrossCheck($0.crossCheck) }
        effect = EffectCheck(configuration.effect)
        noteLockOut(at: now)
    }

    private mutating func noteLockOut(at now: Now) {
        guard gate.lockedUntil != nil else { return }
        log.begin(.limit, at: now, "the relay was on for the maximum time before the restart")
    }

    /// Takes up latch, lock-out and mode of an earlier run that have become known only now; `nil` says nothing of a mode.
    ///
    /// A lock-out counts only where the beginning was in doubt of it (``RestoredThermostat/LockOut/unknown``). The off time
    /// goes on to count from the start, and the target is applied as any other.
    package mutating func learn(_ restored: RestoredThermostat, at now: Now) {
        latch = latch ?? restored.latch
        gate.learn(restored.lockOut, at: now.monotonic)
        noteLockOut(at: now)
        if let mode = restored.mode { set(mode) }
    }

    /// The last good sample of the first sensor.
    package var latest: TemperatureSample? { first.latest }

    /// Whether the relay is on.
    package var relayIsOn: Bool { gate.isOn }

    /// Why the relay stays off until a reset over a restart too: the latch, or an alarm that locks out; `nil` without.
    package var lastingLatch: String? {
        latch ?? log.present.first { lockingCodes.contains($0.code) }?.text
    }

    /// When the lock-out after a maximum on time ends; `nil` without one.
    package var lockedUntil: ContinuousClock.Instant? { gate.lockedUntil }

    /// Since when the relay is as it is.
    package var relaySince: ContinuousClock.Instant { gate.since }

    /// Takes an event and decides.
    package mutating func handle(_ event: Event, at now: Now) -> Decision {
        switch event {
        case .sample(let sample, let role): record(sample, role)
        case .failure(.first): first.recordFailure()
        case .failure(.second): second?.recordFailure()
        case .outputDisagrees:
            log.begin(.outputDisagrees, at: now, "the line does not read back as it was set")
        case .outputUnavailable(let reason?): log.begin(.outputUnavailable, at: now, reason)
        case .outputUnavailable(nil):
            log.end(.outputUnavailable, at: now, "the line is held again")
            // Out of reach it may have been on until a moment ago: the off time begins now.
            gate.holdOff(from: now.monotonic)
        case .tick: break
        }
        return decide(at: now)
    }

    /// Judges new settings and puts accepted ones in force; the next decision follows them.
    package mutating func apply(_ settings: ThermostatSettings) -> Verdict {
        guard let wanted = settings.target else {
            target = configuration.limits.siteDefault
            return .accepted(target)
        }
        guard wanted.isFinite else { return .rejected(reason: "the target is not a finite number") }
        let range = configuration.limits.range
        guard range.contains(wanted) else {
            return .rejected(reason: "\(wanted) °C is outside \(range.lowerBound)…\(range.upperBound) °C")
        }
        target = wanted
        return .accepted(wanted)
    }

    /// Changes the mode; the next decision first switches off what was on for the old one.
    package mutating func set(_ mode: ThermostatMode) {
        guard mode != self.mode else { return }
        self.mode = mode
        wantsOn = false
        mustSwitchOff = true
    }

    /// Keeps the relay off until ``reset(at:)``, from the next decision on.
    package mutating func latchOff(_ reason: String, at now: Now) {
        latch = reason
        log.begin(.latchedOff, at: now, reason)
    }

    /// Ends the latch, a lock-out and every fault that waits for a person; those that still hold come back by themselves.
    package mutating func reset(at now: Now) {
        latch = nil
        gate.endLockOut()
        for code in [FaultCode.latchedOff, .outputDisagrees, .sensorsDisagree, .noEffect, .runaway, .limit] {
            log.end(code, at: now, "reset")
        }
    }
}

extension Thermostat {
    private mutating func record(_ sample: TemperatureSample, _ role: SensorRole) {
        // A model must not heat a house.
        let isUsable = !(sample.isSimulated && configuration.drivesRealOutput)
        switch role {
        case .first: isUsable ? first.record(sample) : first.recordFailure()
        case .second: isUsable ? second?.record(sample) : second?.recordFailure()
        }
    }

    private mutating func decide(at now: Now) -> Decision {
        first.tick(at: now.monotonic, relayIsOn: gate.isOn)
        second?.tick(at: now.monotonic, relayIsOn: gate.isOn)
        noteSensors(at: now)
        let celsius = usableCelsius
        noteCrossCheck(at: now)
        let block = block(at: now)
        let request = request(block, celsius, at: now)
        let outcome = gate.decide(request, at: now.monotonic)
        mustSwitchOff = false
        if outcome.hasReachedLimit {
            log.begin(.limit, at: now, "the relay was on for the maximum time")
        } else if outcome.isOn {
            log.end(.limit, at: now, "the lock-out is over")
        }
        noteEffect(celsius, at: now)
        return decision(block, outcome, celsius)
    }

    /// What keeps the relay off, before any algorithm is asked.
    private enum Block: Hashable {
        case none, latched, fault, off, waiting
        /// The fault is over, but the minimum off time since it began is not.
        case recovering(Duration)
    }

    private mutating func block(at now: Now) -> Block {
        if latch != nil || hold != nil { return .latched }
        if hasBlockingFault {
            // Once for each fault: the off time begins anew with it.
            if !isRecovering { gate.holdOff(from: now.monotonic) }
            isRecovering = true
            return .fault
        }
        if mode == .off { return .off }
        if first.trust == .waiting { return .waiting }
        guard isRecovering else { return .none }
        let left = configuration.gate.minimumOff - gate.age(at: now.monotonic)
        guard left <= .zero else { return .recovering(left) }
        isRecovering = false
        // This decision leaves the relay off; the next one may switch it on.
        return .recovering(.zero)
    }

    private var hasBlockingFault: Bool {
        if case .fault = first.trust { return true }
        return log.present.contains(where: isBlocking)
    }

    private func isBlocking(_ fault: Fault) -> Bool {
        switch fault.code {
        case .stale, .sensorLost, .outOfRange, .implausibleRate, .frozen: true
        case .outputDisagrees, .outputUnavailable, .sensorsDisagree: true
        case .noEffect, .runaway: configuration.effect.locksOut
        case .limit, .secondSensorLost, .latchedOff: false
        }
    }

    private var lockingCodes: [FaultCode] { configuration.effect.locksOut ? [.noEffect, .runaway] : [] }

    private mutating func request(_ block: Block, _ celsius: Double?, at now: Now) -> OutputGate.Request {
        guard block == .none, let celsius, !mustSwitchOff else {
            wantsOn = false
            return .forcedOff
        }
        let isRunaway = log.has(.runaway)
        wantsOn =
            !isRunaway
            && configuration.hysteresis.wantsOn(mode, celsius: celsius, target: target, before: wantsOn)
        guard wantsOn else { return isRunaway ? .forcedOff : .off }
        return isCoasting ? .stay : .on
    }

    private var isCoasting: Bool { first.trust == .coasting }

    /// The temperature that may be acted on.
    private var usableCelsius: Double? {
        guard first.trust == .fresh || first.trust == .coasting, let value = first.latest?.celsius else {
            return nil
        }
        // One missed sample must not let the first alone switch on.
        guard let second, second.trust == .fresh || second.trust == .coasting,
            let other = second.latest?.celsius
        else { return value }
        return CrossCheck.value(value, other, mode)
    }

    private func decision(_ block: Block, _ outcome: OutputGate.Outcome, _ celsius: Double?) -> Decision {
        let on = configuration.hysteresis.onThreshold(mode, target: target)
        let off = configuration.hysteresis.offThreshold(mode, target: target)
        var decision = Decision(
            state: state(block, outcome), relay: outcome.isOn, celsius: celsius, target: target, mode: mode,
            band: on.flatMap { on in off.map { Decision.Band(on: on, off: $0) } }, isCoasting: isCoasting,
            faults: log.present, causes: log.present.filter(isBlocking), latch: latch, hold: hold)
        // A lock-out may run on meanwhile, but what blocks the relay ends with no timer.
        switch block {
        case .recovering(let left): decision.remaining = left
        case .none where outcome.hold != .none: decision.remaining = outcome.remaining
        default: break
        }
        return decision
    }

    private func state(_ block: Block, _ outcome: OutputGate.Outcome) -> ThermostatState {
        switch block {
        case .latched: return .safe
        case .fault, .recovering: return .fault
        case .off: return .off
        case .waiting: return .waiting
        case .none: break
        }
        switch (outcome.isOn, outcome.hold) {
        case (true, .minimumOn): return .holdOn
        case (true, _): return mode == .cool ? .cooling : .heating
        case (false, .limit): return .limit
        case (false, .minimumOff): return .holdOff
        case (false, _): return .idle
        }
    }
}

extension Thermostat {
    private static let watchCodes: [FaultCode] = [
        .stale, .sensorLost, .outOfRange, .implausibleRate, .frozen,
    ]

    private mutating func noteSensors(at now: Now) {
        if case .fault(let code) = first.trust {
            // The text is made only for a new one.
            if !log.has(code) {
                let text = text(of: code, first, at: now)
                log.begin(code, at: now, text)
            }
        } else {
            for code in Self.watchCodes { log.end(code, at: now, "good samples again") }
        }
        guard let second else { return }
        if case .fault(let code) = second.trust {
            let text = text(of: code, second, at: now)
            log.begin(.secondSensorLost, at: now, "the second sensor fails: \(text)")
        } else if second.trust == .fresh {
            log.end(.secondSensorLost, at: now, "good samples again")
        }
    }

    private func text(of code: FaultCode, _ watch: ReadingWatch, at now: Now) -> String {
        switch code {
        case .stale:
            let age = watch.age(at: now.monotonic)
            return age.map { "the last good sample is \($0.inWords) old" } ?? "no good sample came in time"
        case .sensorLost: return "\(WatchSettings.failuresUntilFault) samples in a row failed"
        case .outOfRange:
            let range = watch.settings.siteRange
            return "samples are outside \(range.lowerBound)…\(range.upperBound) °C"
        case .implausibleRate: return "the temperature jumps about and does not settle"
        case .frozen: return "the temperature stands still although the relay is on"
        default: return code.rawValue
        }
    }

    private mutating func noteCrossCheck(at now: Now) {
        // A missed sample now and then must not begin the patience anew, else a bad contact would hide every difference.
        if first.trust == .coasting || second?.trust == .coasting { return }
        guard let second, first.trust == .fresh, second.trust == .fresh, let one = first.latest?.celsius,
            let other = second.latest?.celsius
        else {
            crossCheck?.pause()
            return
        }
        if crossCheck?.disagrees(one, other, at: now.monotonic) == true {
            log.begin(.sensorsDisagree, at: now, "the sensors read \(one.inTenths) and \(other.inTenths) °C")
        } else {
            log.end(.sensorsDisagree, at: now, "they agree again")
        }
    }

    private mutating func noteEffect(_ celsius: Double?, at now: Now) {
        guard let celsius, !isCoasting else { return }
        let finding = effect.look(
            celsius: celsius, target: target, mode: mode, relayIsOn: gate.isOn, at: now.monotonic)
        switch finding {
        case .nothing: break
        case .noEffect:
            log.begin(.noEffect, at: now, "the relay is on and the temperature does not follow")
        case .effect where !configuration.effect.locksOut:
            log.end(.noEffect, at: now, "the temperature follows")
        case .runaway:
            log.begin(.runaway, at: now, "the temperature goes on with the relay off: is a contact welded?")
        case .calm where !configuration.effect.locksOut: log.end(.runaway, at: now, "it has come back")
        case .effect, .calm: break
        }
    }
}
