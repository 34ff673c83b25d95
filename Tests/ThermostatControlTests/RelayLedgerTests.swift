// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import ThermostatControl

@Suite("Relay ledger")
struct RelayLedgerTests {
    @Test("switching on is a cycle, and the time on adds up while it lasts")
    func counts() {
        let time = Timeline()
        var ledger = RelayLedger(cycles: 10, onTime: .seconds(100))
        for (second, isOn) in [
            (0.0, false), (10, true), (20, true), (35, false), (50, false), (60, true), (61, true),
        ] {
            ledger.record(isOn: isOn, at: time.instant(second))
        }
        #expect(ledger.cycles == 12)
        #expect(ledger.onTime == .seconds(126))
        #expect(ledger.wear(ratedCycles: 100_000) == 0.00012)
    }

    @Test("a record that cannot be is none")
    func damagedRecord() {
        #expect(RelayLedger(cycles: -5, onTime: .seconds(-1)) == RelayLedger())
        #expect(RelayLedger(cycles: 5).wear(ratedCycles: 0) == 5)
        var full = RelayLedger(cycles: .max)
        full.record(isOn: true, at: Timeline().instant(0))
        #expect(full.cycles == .max)
    }
}
