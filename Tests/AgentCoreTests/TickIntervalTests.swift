// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import AgentCore

@Suite struct TickIntervalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var drivesRelay: Bool
        /// Between two feeds of the watchdog, s.
        var watchdog: Double?
        /// The interval, s.
        var expected: Double

        var testDescription: String { "relay \(drivesRelay), watchdog \(watchdog ?? 0) s" }
    }

    @Test(
        "Without a relay the control ticks less often, but never too seldom for a watchdog",
        arguments: [
            Case(drivesRelay: true, watchdog: nil, expected: 1),
            Case(drivesRelay: true, watchdog: 15, expected: 1),
            Case(drivesRelay: false, watchdog: nil, expected: 4),
            Case(drivesRelay: false, watchdog: 15, expected: 4),
            Case(drivesRelay: false, watchdog: 5, expected: 2.5),
            Case(drivesRelay: false, watchdog: 0.5, expected: 1),
        ])
    func interval(_ example: Case) {
        let interval = ControlService.interval(
            drivesRelay: example.drivesRelay, watchdog: example.watchdog.map { .seconds($0) })
        #expect(interval == .seconds(example.expected))
    }
}
