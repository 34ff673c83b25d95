// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Simulation
package import ThermostatControl

/// A thermostat's life of random events in virtual time, with every invariant checked at each step.
package struct RandomLife {
    private var generator: SeededGenerator
    private let configuration: ControlSettings
    private var thermostat: Thermostat
    private var monotonic = ContinuousClock.now
    private var wall = WallTime(millisecondsSince1970: 1_700_000_000_000)
    private var room: Room
    private var sensorIsLost = false
    private var secondIsWrong = false
    /// What the first sensor gives for ever, °C.
    private var stuckAt: Double?
    private var last: Decision
    /// Since when the relay is as it is; at the start of a run, `nil` for unknown.
    private var changedAt: ContinuousClock.Instant?
    /// The relay's history over restarts: when it last went off.
    private var wentOffAt: ContinuousClock.Instant
    /// Over restarts: when the lock-out after a maximum on time ends; `nil` without one.
    private var lockedUntil: ContinuousClock.Instant?
    /// When the first sensor last gave a temperature that a room can have; the start before.
    private var lastGoodAt: ContinuousClock.Instant

    /// What went wrong, empty where nothing did.
    package private(set) var violations: [String] = []
    /// A digest of every decision; equal lives have equal ones.
    package private(set) var trace: UInt64 = 0xCBF2_9CE4_8422_2325
    /// How often the relay changed.
    package private(set) var switches = 0
    /// How often the program ended while a lock-out ran.
    package private(set) var restartsInLockOut = 0
    /// The faults that came up.
    package private(set) var faultsSeen: Set<FaultCode> = []
    /// The states that came up.
    package private(set) var statesSeen: Set<ThermostatState> = []

    /// Begins a life that is the same for the same seed.
    package init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        var configuration = ControlSettings(
            limits: .withRelay, mode: Bool.random(using: &generator) ? .heat : .cool,
            gate: GateSettings(
                minimumOn: .seconds(Int.random(in: 10...90, using: &generator)),
                minimumOff: .seconds(Int.random(in: 10...120, using: &generator)),
                maximumOn: .seconds(Int.random(in: 200...900, using: &generator))),
            watch: WatchSettings(
                period: .seconds(8), frozenAfter: .seconds(Int.random(in: 60...600, using: &generator))),
            effect: EffectSettings(
                noEffectAfter: .seconds(300), afterRun: .seconds(60), locksOut: Bool.random(using: &generator)
            ),
            drivesRealOutput: true)
        if Bool.random(using: &generator) {
            configuration.second = ControlSettings.Second(watch: configuration.watch)
        }
        self.configuration = configuration
        var properties = Room.Properties()
        properties.timeConstant = .seconds(1200)
        properties.heaterRise = configuration.mode == .heat ? 26 : -26
        properties.outdoorMean = configuration.mode == .heat ? 8 : 34
        room = Room(properties, celsius: 20, heaterPower: 0)
        let now = Now(monotonic: monotonic, wall: wall, wallIsTrusted: true)
        thermostat = Thermostat(configuration, startedAt: now)
        last = thermostat.handle(.tick, at: now)
        wentOffAt = monotonic
        lastGoodAt = monotonic
    }

    private var now: Now { Now(monotonic: monotonic, wall: wall, wallIsTrusted: true) }

    /// Lets `count` random things happen.
    package mutating func live(steps count: Int) {
        for _ in 0..<count where violations.isEmpty {
            pass(.milliseconds(Int.random(in: 0...8_000, using: &generator)))
            switch Int.random(in: 0..<1000, using: &generator) {
            case 0..<700: sample(.first)
            case 700..<800: sample(.second)
            case 800..<870: handle(.failure(Bool.random(using: &generator) ? .first : .second))
            case 870..<880: sensorIsLost.toggle()
            case 880..<920: _ = thermostat.apply(ThermostatSettings(target: target()))
            case 920..<925: thermostat.set(ThermostatMode.allCases.randomElement(using: &generator) ?? .off)
            case 925..<930: handleOdd()
            case 930..<940:
                wall = WallTime(
                    millisecondsSince1970: Int64.random(in: 0...4_000_000_000_000, using: &generator))
            case 940..<943: restart()
            case 943..<945: handle(.outputDisagrees)
            case 955..<957: handle(.outputUnavailable("busy"))
            case 957..<963: handle(.outputUnavailable(nil))
            case 945..<947: thermostat.latchOff("asked for", at: now)
            case 947..<950, 963..<965:
                thermostat.reset(at: now)
                lockedUntil = nil
            case 965..<969: thermostat.hold = thermostat.hold == nil ? "a reboot" : nil
            case 969..<971: secondIsWrong.toggle()
            case 971..<975: stuckAt = stuckAt == nil ? Double.random(in: 5...35, using: &generator) : nil
            case 975..<977: pass(.seconds(Int.random(in: 60...4000, using: &generator)))
            // Seldom enough to leave most lock-outs whole, often enough to begin many of them anew.
            case 977..<1000 where thermostat.lockedUntil != nil: restart()
            default: break
            }
            handle(.tick)
        }
    }

    private mutating func pass(_ duration: Duration) {
        room.heaterPower = last.relay ? 1 : 0
        room.step(by: duration)
        monotonic = monotonic.advanced(by: duration)
        wall = wall.advanced(by: duration)
    }

    private mutating func sample(_ role: Thermostat.SensorRole) {
        guard !sensorIsLost else { return }
        let error = role == .second && secondIsWrong ? -5.0 : 0
        let sensed = room.sensed(using: &generator) + error
        let celsius = ((role == .first ? stuckAt ?? sensed : sensed) * 16).rounded() / 16
        if role == .first, configuration.watch.siteRange.contains(celsius) { lastGoodAt = monotonic }
        handle(.sample(TemperatureSample(celsius: celsius, takenAt: now), role))
    }

    /// A sample that must not be believed at once: far off, not a number, or made by a model.
    private mutating func odd() -> TemperatureSample {
        let celsius =
            ([85, -127, .nan, .infinity, 59, -19, 20] as [Double]).randomElement(using: &generator) ?? 85
        return TemperatureSample(celsius: celsius, takenAt: now, isSimulated: celsius == 20)
    }

    private mutating func handleOdd() {
        let sample = odd()
        if !sample.isSimulated, configuration.watch.siteRange.contains(sample.celsius) {
            lastGoodAt = monotonic
        }
        handle(.sample(sample, .first))
    }

    private mutating func target() -> Double? {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0: nil
        case 1: .nan
        case 2: Bool.random(using: &generator) ? 4.9 : 35.1
        default: Double.random(in: 5...35, using: &generator)
        }
    }

    /// The program ends, or is killed, and begins again, on the same boot or another one.
    private mutating func restart() {
        noteRelay(false, forced: true)
        let (isSameBoot, isLockedOut) = (Bool.random(using: &generator), thermostat.lockedUntil != nil)
        var restored = RestoredThermostat()
        restored.target = thermostat.target
        restored.mode = thermostat.mode
        restored.latch = thermostat.lastingLatch
        // A killed program proves no off time, but has told of a lock-out when it began.
        if isSameBoot, Bool.random(using: &generator) { restored.offSince = wentOffAt }
        restored.lockOut = thermostat.lockedUntil.map { isSameBoot ? .until($0) : .unproven }
        pass(.seconds(Int.random(in: 0...200, using: &generator)))
        if isLockedOut {
            restartsInLockOut += 1
            if !isSameBoot { lockedUntil = monotonic.advanced(by: configuration.gate.lockOut) }
        }
        thermostat = Thermostat(configuration, restored: restored, startedAt: now)
        last = thermostat.handle(.tick, at: now)
    }

    private mutating func handle(_ event: Thermostat.Event) {
        let before = (relay: last.relay, coasting: last.isCoasting)
        let decision = thermostat.handle(event, at: now)
        check(decision, before: before.relay)
        last = decision
        fold(decision)
    }

    private mutating func check(_ decision: Decision, before: Bool) {
        statesSeen.insert(decision.state)
        for fault in decision.faults { faultsSeen.insert(fault.code) }
        func violated(_ rule: String) -> String { "\(rule): \(decision)" }
        if decision.relay != decision.state.isOn { violations.append(violated("relay and state differ")) }
        if decision.relay != thermostat.relayIsOn { violations.append(violated("output is not the gate's")) }
        if decision.relay, [.waiting, .fault, .safe, .off, .limit, .idle, .holdOff].contains(decision.state) {
            violations.append(violated("on in a state that is off"))
        }
        if decision.relay, thermostat.latch != nil || thermostat.hold != nil {
            violations.append(violated("on although it is kept off"))
        }
        if decision.relay, decision.faults.contains(where: { faultsThatKeepOff.contains($0.code) }) {
            violations.append(violated("on with a fault"))
        }
        if decision.isCoasting, decision.relay, !before {
            violations.append(violated("switched on while coasting"))
        }
        let age = lastGoodAt.duration(to: monotonic)
        if decision.relay, age > configuration.watch.maximumAge {
            violations.append(violated("on with data \(age) old"))
        }
        if decision.relay, let lockedUntil, monotonic < lockedUntil {
            violations.append(violated("on in a lock-out for another \(monotonic.duration(to: lockedUntil))"))
        }
        if before, decision.state == .limit {
            lockedUntil = monotonic.advanced(by: configuration.gate.lockOut)
        }
        if decision.relay, decision.celsius == nil { violations.append(violated("on without a temperature")) }
        if decision.relay, !before {
            let off = wentOffAt.duration(to: monotonic)
            if off < configuration.gate.minimumOff { violations.append(violated("off for \(off) only")) }
        }
        if !decision.relay, before, let changedAt {
            let on = changedAt.duration(to: monotonic)
            let isSafety =
                [.waiting, .fault, .safe, .off, .limit].contains(decision.state) || isModeChange(decision)
                || decision.faults.contains { $0.code == .runaway }
            if on < configuration.gate.minimumOn, !isSafety {
                violations.append(violated("on for \(on) only"))
            }
        }
        if decision.relay, let changedAt, before {
            let on = changedAt.duration(to: monotonic)
            if on >= configuration.gate.maximumOn { violations.append(violated("on for \(on)")) }
        }
        if decision.relay != before { noteRelay(decision.relay, forced: false) }
    }

    /// What the relay never is on with, whatever else is the case.
    private var faultsThatKeepOff: [FaultCode] {
        [
            .stale, .sensorLost, .outOfRange, .implausibleRate, .frozen, .sensorsDisagree, .outputDisagrees,
            .outputUnavailable, .latchedOff,
        ]
    }

    private func isModeChange(_ decision: Decision) -> Bool { decision.mode != last.mode }

    private mutating func noteRelay(_ isOn: Bool, forced: Bool) {
        if !isOn, forced ? last.relay : true { wentOffAt = monotonic }
        changedAt = monotonic
        switches += 1
    }

    private mutating func fold(_ decision: Decision) {
        for byte in decision.state.rawValue.utf8 { trace = (trace ^ UInt64(byte)) &* 0x100_0000_01B3 }
        trace = (trace ^ (decision.celsius?.bitPattern ?? 0)) &* 0x100_0000_01B3
        trace = (trace ^ UInt64(bitPattern: decision.remaining?.components.seconds ?? -1)) &* 0x100_0000_01B3
    }
}
