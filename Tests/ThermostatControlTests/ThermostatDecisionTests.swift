// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Testing

@testable import ThermostatControl

@Suite("Thermostat decisions")
struct ThermostatDecisionTests {
    private let time = Timeline()

    /// A thermostat at 21 °C that has been off for long enough.
    private func thermostat(_ change: (inout ControlSettings) -> Void = { _ in }) -> Thermostat {
        var configuration = ControlSettings.test
        change(&configuration)
        var restored = RestoredThermostat()
        restored.target = 21
        restored.offSince = time.instant(-1000)
        return Thermostat(configuration, restored: restored, startedAt: time.now(0))
    }

    @discardableResult
    private func give(_ thermostat: inout Thermostat, _ celsius: Double, at second: Double) -> Decision {
        thermostat.handle(.sample(time.sample(celsius, second), .first), at: time.now(second))
    }

    @Test("it waits, heats, holds on, idles and holds off, and says so in one sentence each")
    func states() {
        var one = thermostat()
        let waiting = one.handle(.tick, at: time.now(0))
        #expect(
            waiting.state == .waiting && waiting.sentence == "Off: no good sample has come since the start.")
        let heating = give(&one, 20.5, at: 1)
        #expect(heating.state == .heating && heating.relay)
        #expect(heating.sentence == "Heating: 20.5 °C has reached 20.5 °C, where the relay goes on.")
        #expect(give(&one, 20.9, at: 9).sentence == "Heating: 20.9 °C is between 20.5 and 21.2 °C.")
        let held = give(&one, 21.2, at: 11)
        #expect(held.state == .holdOn && held.remaining == .seconds(10))
        #expect(
            held.sentence
                == "21.2 °C has reached 21.2 °C, where the relay goes off; on for another 10 s, the minimum on time."
        )
        let idle = give(&one, 21.3, at: 21)
        #expect(idle.state == .idle && !idle.relay)
        let hold = give(&one, 20.4, at: 29)
        #expect(hold.state == .holdOff && hold.remaining == .seconds(22))
        #expect(hold.sentence.hasSuffix("waiting 22 s for the minimum off time."))
        #expect(give(&one, 20.4, at: 51).state == .heating)
    }

    @Test("cooling is the mirror image")
    func cooling() {
        var one = thermostat { $0.mode = .cool }
        #expect(give(&one, 21.4, at: 1).state == .idle)
        #expect(give(&one, 21.5, at: 9).state == .cooling)
        #expect(give(&one, 20.9, at: 40).state == .cooling)
        #expect(give(&one, 20.8, at: 48).state == .idle)
    }

    @Test("mode off is off at once, and a change of mode switches off what was on for the old one")
    func modes() {
        var one = thermostat()
        #expect(give(&one, 18, at: 1).relay)
        one.set(.off)
        let off = one.handle(.tick, at: time.now(2))
        #expect(off.state == .off && !off.relay && off.band == nil)
        #expect(off.sentence == "Off, because the mode is off.")
        var other = thermostat()
        #expect(give(&other, 18, at: 1).relay)
        other.set(.cool)
        #expect(!other.handle(.tick, at: time.now(2)).relay)
    }

    @Test(
        "a lost sensor switches off at once, and the fault ends after good samples and the off time, never straight to on"
    )
    func lostSensor() {
        var one = thermostat()
        #expect(give(&one, 18, at: 1).relay)
        #expect(one.handle(.failure(.first), at: time.now(2)).relay)
        #expect(one.handle(.failure(.first), at: time.now(3)).isCoasting)
        let fault = one.handle(.failure(.first), at: time.now(4))
        #expect(fault.state == .fault && !fault.relay && fault.faults.map(\.code) == [.sensorLost])
        #expect(fault.sentence == "Off: 3 samples in a row failed.")
        for second in [5.0, 6, 7] { #expect(give(&one, 18, at: second).state == .fault) }
        let recovering = one.handle(.tick, at: time.now(8))
        #expect(
            recovering.state == .fault && recovering.remaining == .seconds(26) && recovering.faults.isEmpty)
        #expect(recovering.sentence == "Off: the fault is over; waiting 26 s for the minimum off time.")
        #expect(!give(&one, 18, at: 34).relay)
        #expect(give(&one, 18, at: 35).relay)
        #expect(one.log.faults.first?.clearedBy == "good samples again")
    }

    @Test("a fault that begins while the relay is off begins the off time anew")
    func faultWhileOff() {
        var one = thermostat()
        #expect(give(&one, 22, at: 1).state == .idle)
        for second in [100.0, 101, 102] { _ = one.handle(.failure(.first), at: time.now(second)) }
        for second in [103.0, 104, 105, 106, 131] { #expect(!give(&one, 15, at: second).relay, "\(second)") }
        _ = give(&one, 15, at: 132)
        #expect(give(&one, 15, at: 133).relay)
    }

    @Test("coasting keeps what is on, and switches nothing on")
    func coasting() {
        var one = thermostat()
        #expect(give(&one, 20.8, at: 1).state == .idle)
        _ = one.handle(.failure(.first), at: time.now(2))
        _ = one.apply(ThermostatSettings(target: 25))
        let coasting = one.handle(.tick, at: time.now(3))
        #expect(!coasting.relay && coasting.isCoasting)
        #expect(coasting.sentence.hasSuffix("the last sample failed, so nothing is switched on."))
        #expect(give(&one, 20.8, at: 4).relay)
    }

    @Test("simulated samples never drive a real relay, and drive a simulated one")
    func simulated() {
        for isReal in [true, false] {
            var one = thermostat { $0.drivesRealOutput = isReal }
            var decision = one.handle(.tick, at: time.now(0))
            for second in 1...4 {
                let sample = time.sample(15, Double(second), isSimulated: true)
                decision = one.handle(.sample(sample, .first), at: time.now(Double(second)))
            }
            #expect(decision.relay != isReal)
            #expect(decision.state == (isReal ? .fault : .heating))
        }
    }

    @Test("at the maximum on time it is locked out, and the fault ends with the next on time")
    func limit() {
        var one = thermostat()
        for second in stride(from: 0.0, through: 200, by: 8) { _ = give(&one, 15 + second / 100, at: second) }
        let limit = give(&one, 17, at: 201)
        #expect(
            limit.state == .limit && limit.remaining == .seconds(59) && limit.faults.map(\.code) == [.limit])
        #expect(limit.sentence == "Off for another 59 s: it was on for the maximum time.")
        for second in stride(from: 208.0, through: 256, by: 8) { #expect(!give(&one, 17, at: second).relay) }
        #expect(give(&one, 17, at: 264).state == .heating)
        #expect(one.log.present.isEmpty)
    }

    @Test("a fault during the lock-out is explained by itself, not by the timer that runs meanwhile")
    func faultInLockOut() {
        var one = thermostat()
        for second in stride(from: 0.0, through: 200, by: 8) { _ = give(&one, 15 + second / 100, at: second) }
        #expect(give(&one, 17, at: 201).state == .limit)
        for second in [202.0, 203] { _ = one.handle(.failure(.first), at: time.now(second)) }
        let fault = one.handle(.failure(.first), at: time.now(204))
        #expect(fault.state == .fault && fault.remaining == nil)
        #expect(fault.sentence.contains("3 samples in a row failed"), "\(fault.sentence)")
        one.set(.off)
        for second in [205.0, 206, 207] { _ = give(&one, 17, at: second) }
        let off = one.handle(.tick, at: time.now(208))
        #expect(off.state == .off && off.remaining == nil)
    }

    @Test("missed samples in between do not hide that two sensors disagree")
    func disagreementWithGaps() {
        var one = thermostat {
            $0.second = ControlSettings.Second(
                watch: $0.watch, crossCheck: CrossCheckSettings(limit: 2, patience: .seconds(30)))
        }
        var last = one.handle(.tick, at: time.now(0))
        for second in stride(from: 8.0, through: 48, by: 8) {
            _ = one.handle(.sample(time.sample(24, second), .second), at: time.now(second))
            _ = give(&one, 20, at: second)
            last = one.handle(.failure(.second), at: time.now(second + 4))
        }
        #expect(last.state == .fault && last.faults.map(\.code) == [.sensorsDisagree])
    }

    @Test("one missed sample of the second sensor does not let the first alone switch on")
    func secondCoasts() {
        var one = thermostat { $0.second = ControlSettings.Second(watch: $0.watch) }
        _ = one.handle(.sample(time.sample(21.9, 1), .second), at: time.now(1))
        #expect(give(&one, 20, at: 1).state == .idle)
        let missed = one.handle(.failure(.second), at: time.now(2))
        #expect(!missed.relay && missed.celsius == 21.9)
        for second in [3.0, 4] { _ = one.handle(.failure(.second), at: time.now(second)) }
        #expect(give(&one, 20, at: 5).relay, "a second sensor that is lost is told, and no longer counts")
    }

    @Test("a latch keeps it off over everything until a reset, and a restart")
    func latch() {
        var one = thermostat()
        #expect(give(&one, 15, at: 1).relay)
        one.latchOff("asked for", at: time.now(2))
        let safe = give(&one, 15, at: 9)
        #expect(safe.state == .safe && !safe.relay && safe.sentence == "Off until a reset: asked for.")
        var restored = RestoredThermostat()
        restored.latch = one.latch
        var again = Thermostat(.test, restored: restored, startedAt: time.now(100))
        #expect(give(&again, 15, at: 101).state == .safe)
        one.reset(at: time.now(60))
        #expect(give(&one, 15, at: 61).relay)
    }

    @Test("a line that does not read back is a fault until a reset")
    func outputDisagrees() {
        var one = thermostat()
        #expect(give(&one, 15, at: 1).relay)
        let fault = one.handle(.outputDisagrees, at: time.now(2))
        #expect(fault.state == .fault && !fault.relay)
        for second in stride(from: 8.0, through: 80, by: 8) { #expect(!give(&one, 15, at: second).relay) }
        one.reset(at: time.now(81))
        _ = give(&one, 15, at: 88)
        #expect(give(&one, 15, at: 96).relay)
    }

    @Test("a relay without effect is an alarm, and with the lock-out a fault until a reset")
    func noEffect() {
        for locksOut in [false, true] {
            var one = thermostat {
                $0.effect = EffectSettings(noEffectAfter: .seconds(60), locksOut: locksOut)
            }
            var last = one.handle(.tick, at: time.now(0))
            for second in stride(from: 0.0, through: 80, by: 8) { last = give(&one, 15, at: second) }
            #expect(last.faults.map(\.code) == [.noEffect])
            #expect(last.relay != locksOut)
        }
    }

    @Test("two sensors: the warmer one counts for heating, and a lasting disagreement is a fault")
    func twoSensors() {
        var one = thermostat {
            $0.second = ControlSettings.Second(
                watch: $0.watch, crossCheck: CrossCheckSettings(limit: 2, patience: .seconds(30)))
        }
        _ = one.handle(.sample(time.sample(21.3, 1), .second), at: time.now(1))
        let decision = give(&one, 20, at: 1)
        #expect(decision.state == .idle && decision.celsius == 21.3)
        var last = decision
        for second in stride(from: 8.0, through: 48, by: 8) {
            _ = one.handle(.sample(time.sample(24, second), .second), at: time.now(second))
            last = give(&one, 20, at: second)
        }
        #expect(last.state == .fault && last.faults.map(\.code) == [.sensorsDisagree])
        #expect(last.sentence == "Off: the sensors read 20.0 and 24.0 °C.")
    }

    @Test("a disagreement ends with a reset only where nothing disagrees any more")
    func disagreementAndReset() {
        for isLost in [false, true] {
            var one = thermostat {
                $0.second = ControlSettings.Second(
                    watch: $0.watch, crossCheck: CrossCheckSettings(limit: 2, patience: .seconds(30)))
            }
            for second in stride(from: 0.0, through: 200, by: 8) {
                let hasSecond = second <= 48 || !isLost
                _ = one.handle(
                    hasSecond ? .sample(time.sample(24, second), .second) : .failure(.second),
                    at: time.now(second))
                _ = give(&one, 20, at: second)
            }
            #expect(one.handle(.tick, at: time.now(201)).state == .fault)
            one.reset(at: time.now(202))
            _ = one.handle(.tick, at: time.now(203))
            let codes = one.handle(.tick, at: time.now(204)).faults.map(\.code)
            #expect(codes == [isLost ? .secondSensorLost : .sensorsDisagree])
            #expect(one.relayIsOn == isLost)
        }
    }

    @Test("a temperature that jumps about is told as that")
    func jumpingAbout() {
        var one = thermostat()
        _ = give(&one, 20, at: 0)
        for (index, celsius) in [45.0, -10, 50, 0, 55, -15, 45, -10].enumerated() {
            _ = give(&one, celsius, at: Double(index + 1) * 8)
        }
        let decision = one.handle(.tick, at: time.now(65))
        #expect(decision.sentence == "Off: the temperature jumps about and does not settle.")
        #expect(decision.faults.map(\.code) == [.implausibleRate])
    }

    @Test("what is only an alarm is not told as the reason why the relay is off")
    func alarmIsNoReason() {
        var one = thermostat { $0.second = ControlSettings.Second(watch: $0.watch) }
        for second in 1...3 { _ = one.handle(.failure(.second), at: time.now(Double(second))) }
        #expect(give(&one, 20, at: 4).relay)
        for second in 5...7 { _ = one.handle(.failure(.first), at: time.now(Double(second))) }
        let lost = one.handle(.tick, at: time.now(8))
        #expect(lost.faults.map(\.code) == [.secondSensorLost, .sensorLost])
        #expect(lost.causes.map(\.code) == [.sensorLost])
        #expect(lost.sentence == "Off: 3 samples in a row failed.")
    }

    @Test("a second sensor that fails is an alarm, and control goes on with the first")
    func secondSensorLost() {
        var one = thermostat { $0.second = ControlSettings.Second(watch: $0.watch) }
        for second in 1...3 { _ = one.handle(.failure(.second), at: time.now(Double(second))) }
        let decision = give(&one, 20, at: 4)
        #expect(decision.relay && decision.faults.map(\.code) == [.secondSensorLost])
    }

    @Test("a target is judged at once but passes no timer")
    func targetChange() {
        var one = thermostat()
        #expect(give(&one, 20, at: 1).relay)
        #expect(one.apply(ThermostatSettings(target: 10)) == .accepted(10))
        #expect(one.handle(.tick, at: time.now(2)).state == .holdOn)
        #expect(one.apply(ThermostatSettings(target: 25)) == .accepted(25))
        #expect(one.handle(.tick, at: time.now(3)).state == .heating)
    }

    @Test("the last 32 faults are kept, those that last at any rate")
    func faultLog() {
        var log = FaultLog()
        let now = time.now(0)
        log.begin(.outputDisagrees, at: now, "lasts")
        for number in 0..<100 {
            log.begin(.stale, at: now, "\(number)")
            let isNew = log.begin(.stale, at: now, "again")
            #expect(!isNew)
            log.end(.stale, at: now, "good")
        }
        #expect(log.faults.count == FaultLog.capacity)
        #expect(log.present.map(\.code) == [.outputDisagrees])
        #expect(log.faults.last?.text == "99")
    }

    @Test("times and temperatures are written for people")
    func words() {
        #expect(Duration.seconds(3_725).inWords == "1 h 2 min 5 s")
        #expect(Duration.milliseconds(200).inWords == "1 s")
        #expect(Duration.seconds(-4).inWords == "0 s")
        #expect((-0.04).inTenths == "0.0" && (-0.25).inTenths == "-0.3" && 21.24.inTenths == "21.2")
    }
}
