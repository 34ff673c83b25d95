// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import ThermostatControl

@Suite("Hysteresis")
struct HysteresisTests {
    private static let band = Hysteresis(onBand: 0.5, offBand: 0.25)

    @Test(
        "both ends belong to the action that they name, and between them nothing changes",
        arguments: [
            (ThermostatMode.heat, 20.5, true, true), (.heat, 20.500001, false, true),
            (.heat, 21.25, false, false),
            (.heat, 21.249999, false, true), (.heat, -40, true, true), (.heat, 40, false, false),
            (.cool, 21.5, true, true), (.cool, 21.499999, false, true), (.cool, 20.75, false, false),
            (.cool, 20.750001, false, true), (.off, -40, false, false), (.off, 40, false, false),
        ])
    func thresholds(mode: ThermostatMode, celsius: Double, whenOff: Bool, whenOn: Bool) {
        #expect(Self.band.wantsOn(mode, celsius: celsius, target: 21, before: false) == whenOff)
        #expect(Self.band.wantsOn(mode, celsius: celsius, target: 21, before: true) == whenOn)
    }

    @Test("a new target is judged at once, with the same bands")
    func targetChange() {
        #expect(!Self.band.wantsOn(.heat, celsius: 20.8, target: 21, before: false))
        #expect(Self.band.wantsOn(.heat, celsius: 20.8, target: 21.3, before: false))
        #expect(!Self.band.wantsOn(.heat, celsius: 20.8, target: 20.5, before: true))
    }

    @Test("thresholds are told for people")
    func told() {
        #expect(Self.band.onThreshold(.heat, target: 21) == 20.5)
        #expect(Self.band.offThreshold(.cool, target: 21) == 20.75)
        #expect(Self.band.onThreshold(.off, target: 21) == nil)
    }
}
