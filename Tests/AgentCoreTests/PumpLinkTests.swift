// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import Testing

@testable import AgentCore

@Suite("What the pump hears of the connection") struct PumpLinkTests {
    private func told(_ states: [(ConnectionState, Int)]) -> [Bool?] {
        var link = PumpLink()
        return states.map { link.take($0, session: $1) }
    }

    @Test("Each connection and each end once, whatever the twin does meanwhile")
    func once() {
        #expect(
            told([
                (.connecting, 0), (.syncing, 1), (.syncing, 1), (.online, 1), (.offline, 1), (.connecting, 1),
                (.syncing, 2), (.online, 2), (.stopped, 2),
            ]) == [nil, true, nil, nil, false, nil, true, nil, false])
    }

    @Test("A renewal is no end, and a failed one is")
    func renewal() {
        #expect(told([(.online, 1), (.renewing, 1), (.syncing, 2), (.online, 2)]) == [true, nil, true, nil])
        #expect(told([(.online, 1), (.renewing, 1), (.offline, 1)]) == [true, nil, false])
    }

    @Test("A connection whose end was never told is a new one")
    func dropped() {
        #expect(told([(.online, 1), (.online, 3), (.online, 3)]) == [true, true, nil])
    }
}
