// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Testing

@testable import StateStore

@Suite("Hub assignment and events") struct LedgerTests {
    @Test("An assignment is found again by its registration and key, and by no other")
    func assignment() async throws {
        let directory = TemporaryDirectory()
        let store = await openStore(.file(directory.file("state.db")))
        var assignment = HubAssignment(
            idScope: "0ne1", registrationID: "Device-1", keyFingerprint: "ab12", hub: "a.azure-devices.net",
            deviceID: "Device-1", assignedAt: testTime)
        try await store.setHubAssignment(assignment)
        assignment.hub = "b.azure-devices.net"
        assignment.assignedAt = nil
        try await store.setHubAssignment(assignment)
        await store.close()
        let again = await openStore(.file(directory.file("state.db")))
        for (scope, registration, key, expected) in [
            ("0ne1", "Device-1", "ab12", assignment), ("0ne2", "Device-1", "ab12", nil),
            ("0ne1", "device-1", "ab12", nil), ("0ne1", "Device-1", "cd34", nil),
        ] {
            let found = try await again.hubAssignment(
                idScope: scope, registrationID: registration, keyFingerprint: key)
            #expect(found == expected)
        }
        try await again.forgetHubAssignment(idScope: "0ne1", registrationID: "Device-1")
        let gone = try await again.hubAssignment(
            idScope: "0ne1", registrationID: "Device-1", keyFingerprint: "ab12")
        #expect(gone == nil)
    }

    @Test("The latest two hundred events are kept, newest first, by kind where that is asked for")
    func events() async throws {
        let store = await openStore(.memory)
        for number in 1...250 {
            try await store.addEvent(
                number.isMultiple(of: 2) ? "even" : "odd", json: #"{"n":\#(number)}"#,
                at: number == 250 ? nil : testTime)
        }
        let all = try await store.events(limit: 1_000)
        #expect(all.map(\.id) == Array(51...250).reversed())
        #expect(all[0] == StoredEvent(id: 250, at: nil, kind: "even", json: #"{"n":250}"#))
        #expect(try await store.events(kind: "odd", limit: 2).map(\.id) == [249, 247])
        #expect(try await store.events(kind: "none", limit: 2).isEmpty)
    }
}
