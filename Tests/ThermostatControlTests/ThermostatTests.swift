// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Testing
import ThermostatControl

@Suite("Thermostat") struct ThermostatTests {
    @Test("A target on either limit is accepted", arguments: [-40.0, 125.0, 21.5])
    func accepts(target: Double) {
        var thermostat = Thermostat(limits: .withoutRelay)
        #expect(thermostat.apply(ThermostatSettings(target: target)) == .accepted(target))
        #expect(thermostat.target == target)
    }

    @Test(
        "A target outside the limits or not finite is rejected and the old one stays",
        arguments: [-40.0001, 125.5, .infinity, -.infinity, .nan, 1e300])
    func rejects(target: Double) {
        var thermostat = Thermostat(limits: .withoutRelay, restoredTarget: 19)
        guard case .rejected(let reason) = thermostat.apply(ThermostatSettings(target: target)) else {
            Issue.record("accepted \(target)")
            return
        }
        #expect(!reason.isEmpty)
        #expect(thermostat.target == 19)
    }

    @Test("No target restores the site's default")
    func restoresDefault() {
        var thermostat = Thermostat(limits: TargetLimits(range: 5...35, siteDefault: 18), restoredTarget: 30)
        #expect(thermostat.apply(ThermostatSettings(target: nil)) == .accepted(18))
        #expect(thermostat.target == 18)
    }

    @Test(
        "A restored target is limited to what the installation now allows",
        arguments: [(50.0, 35.0), (-3, 5), (.nan, 18)])
    func limitsRestored(stored: Double, expected: Double) {
        let thermostat = Thermostat(
            limits: TargetLimits(range: 5...35, siteDefault: 18), restoredTarget: stored)
        #expect(thermostat.target == expected)
    }
}
