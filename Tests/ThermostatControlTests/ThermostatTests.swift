// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Testing

@testable import ThermostatControl

@Suite("Thermostat targets") struct ThermostatTests {
    private static let now = Now(monotonic: .now, wall: nil, wallIsTrusted: false)

    private func thermostat(_ limits: TargetLimits, restored: Double? = nil) -> Thermostat {
        var configuration = ControlSettings.withoutRelay()
        configuration.limits = limits
        var earlier = RestoredThermostat()
        earlier.target = restored
        return Thermostat(configuration, restored: earlier, startedAt: Self.now)
    }

    @Test("A target on either limit is accepted", arguments: [-40.0, 125.0, 21.5])
    func accepts(target: Double) {
        var thermostat = thermostat(.withoutRelay)
        #expect(thermostat.apply(ThermostatSettings(target: target)) == .accepted(target))
        #expect(thermostat.target == target)
    }

    @Test(
        "A target outside the limits or not finite is rejected and the old one stays",
        arguments: [-40.0001, 125.5, .infinity, -.infinity, .nan, 1e300])
    func rejects(target: Double) {
        var thermostat = thermostat(.withoutRelay, restored: 19)
        guard case .rejected(let reason) = thermostat.apply(ThermostatSettings(target: target)) else {
            Issue.record("accepted \(target)")
            return
        }
        #expect(!reason.isEmpty)
        #expect(thermostat.target == 19)
    }

    @Test("No target restores the site's default")
    func restoresDefault() {
        var thermostat = thermostat(TargetLimits(range: 5...35, siteDefault: 18), restored: 30)
        #expect(thermostat.apply(ThermostatSettings(target: nil)) == .accepted(18))
        #expect(thermostat.target == 18)
    }

    @Test(
        "A restored target is limited to what the installation now allows, which is said",
        arguments: [(50.0, 35.0, true), (-3, 5, true), (.nan, 18, false), (21, 21, false)])
    func limitsRestored(stored: Double, expected: Double, isLimited: Bool) {
        let thermostat = thermostat(TargetLimits(range: 5...35, siteDefault: 18), restored: stored)
        #expect(thermostat.target == expected)
        #expect(thermostat.hasLimitedTarget == isLimited)
    }
}
