// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import IoTHub
import StrictJSON
import Testing

@Suite("Reported state") struct ReportedStateTests {
    @Test("Nothing is sent before the hub's side is known, then only what it lacks") func difference() {
        var state = ReportedState()
        state.want(["serialNumber": "1", "thermostat1": ["__t": "c", "a": 1]])
        #expect(state.pending == nil)
        state.learn(["serialNumber": "1", "other": 5])
        #expect(state.pending == ["thermostat1": ["__t": "c", "a": 1]])
        if let patch = state.pending { state.settle(patch) }
        #expect(state.pending == nil)
    }

    @Test("What another hub has forgotten is sent again, and a later value wins") func reconnect() {
        var state = ReportedState()
        state.want(["x": 1])
        state.learn([:])
        if let patch = state.pending { state.settle(patch) }
        state.want(["x": 2])
        #expect(state.pending == ["x": 2])
        state.learn([:])
        #expect(state.pending == ["x": 2])
    }
}
