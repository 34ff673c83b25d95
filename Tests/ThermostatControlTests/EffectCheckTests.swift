// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import ThermostatControl

@Suite("Effect check")
struct EffectCheckTests {
    private let time = Timeline()
    private let settings = EffectSettings(
        noEffectAfter: .seconds(600), minimumEffect: 0.3, afterRun: .seconds(300), runawayMargin: 3,
        runawayEffect: 1)

    /// Looks every 10 s at a temperature that moves by `rate` K per second; returns what was found and when.
    private func findings(
        _ mode: ThermostatMode, isOn: Bool, from start: Double, rate: Double, seconds: Double,
        target: Double = 21
    ) -> [(at: Double, finding: EffectCheck.Finding)] {
        var check = EffectCheck(settings)
        return stride(from: 0, through: seconds, by: 10).compactMap { second in
            let finding = check.look(
                celsius: start + rate * second, target: target, mode: mode, relayIsOn: isOn,
                at: time.instant(second))
            return finding == .nothing ? nil : (second, finding)
        }
    }

    @Test(
        "a relay that is on without an effect is told after the time",
        arguments: [ThermostatMode.heat, .cool])
    func noEffect(mode: ThermostatMode) {
        let found = findings(mode, isOn: true, from: 18, rate: 0, seconds: 700)
        #expect(found.first?.at == 600 && found.first?.finding == .noEffect)
    }

    @Test("slow warming is an effect, slow cooling while heating is none")
    func direction() {
        #expect(
            findings(.heat, isOn: true, from: 18, rate: 0.001, seconds: 3_000).allSatisfy {
                $0.finding == .effect
            })
        #expect(findings(.heat, isOn: true, from: 18, rate: -0.001, seconds: 700).last?.finding == .noEffect)
        #expect(
            findings(.cool, isOn: true, from: 28, rate: -0.001, seconds: 3_000).allSatisfy {
                $0.finding == .effect
            })
    }

    @Test("a temperature that goes on beyond the target with the relay off runs away")
    func runaway() {
        let found = findings(.heat, isOn: false, from: 21, rate: 0.01, seconds: 600)
        // After the after-run of 300 s it is 24 °C, at target + 3; a kelvin more is driven.
        #expect(found.first?.at == 400 && found.first?.finding == .runaway)
        #expect(findings(.cool, isOn: false, from: 21, rate: -0.01, seconds: 600).first?.finding == .runaway)
    }

    @Test("the sun below the margin, the after-run and mode off are no runaway")
    func noRunaway() {
        #expect(findings(.heat, isOn: false, from: 18, rate: 0.004, seconds: 1_400).isEmpty)
        #expect(findings(.heat, isOn: false, from: 21, rate: 0.02, seconds: 290).isEmpty)
        #expect(findings(.off, isOn: false, from: 21, rate: 0.02, seconds: 3_000).isEmpty)
    }

    @Test("what has run away and come back is calm")
    func calm() {
        var check = EffectCheck(settings)
        var found: [EffectCheck.Finding] = []
        for (second, celsius) in [(0.0, 21.0), (310, 24), (320, 25.5), (330, 25.6), (340, 23.9), (350, 23)] {
            found.append(
                check.look(
                    celsius: celsius, target: 21, mode: .heat, relayIsOn: false, at: time.instant(second)))
        }
        #expect(found == [.nothing, .nothing, .runaway, .runaway, .calm, .nothing])
    }
}

@Suite("Cross-check")
struct CrossCheckTests {
    @Test("a difference above the limit is a disagreement only when it lasts")
    func lasts() {
        let time = Timeline()
        var check = CrossCheck(CrossCheckSettings(limit: 2, patience: .seconds(60)))
        let rows = [
            (0.0, 22.0, false), (10, 22.1, false), (69, 22.1, false), (70, 17.5, true), (71, 21, false),
            (200, 23, false), (259, 23, false),
        ]
        for (second, other, expected) in rows {
            let disagrees = check.disagrees(20, other, at: time.instant(second))
            #expect(disagrees == expected, "\(second)")
        }
        check.pause()
        let afterPause = check.disagrees(20, 23, at: time.instant(300))
        #expect(!afterPause)
    }

    @Test("the temperature that asks for less energy counts")
    func value() {
        #expect(CrossCheck.value(20, 21, .heat) == 21)
        #expect(CrossCheck.value(20, 21, .cool) == 20)
    }
}
