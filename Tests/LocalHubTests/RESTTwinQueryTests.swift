// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import LocalHub

@Suite("Twin query")
struct RESTTwinQueryTests {
    private let twin: JSON = [
        "deviceId": "d1", "status": "enabled", "tags": ["floor": 3, "room": "big hall"],
        "properties": ["reported": ["on": true, "level": 1.5]],
    ]

    @Test(
        "A query picks the twins it describes",
        arguments: [
            ("SELECT * FROM devices", true),
            ("select * from devices where deviceId = 'd1'", true),
            ("SELECT * FROM devices WHERE deviceId='d2'", false),
            ("SELECT * FROM devices WHERE tags.room = 'big hall' AND tags.floor = 3", true),
            ("SELECT * FROM devices WHERE tags.floor=3.0", true),
            ("SELECT * FROM devices WHERE tags.floor <> 3", false),
            ("SELECT * FROM devices WHERE tags.none != 3", false),
            ("SELECT * FROM devices WHERE properties.reported.on = true", true),
            ("SELECT * FROM devices WHERE properties.reported.level = 1.5", true),
        ])
    func matches(text: String, expected: Bool) throws {
        #expect(try TwinQuery(text).matches(twin) == expected)
    }

    @Test(
        "What is not understood is refused, never answered wrongly",
        arguments: [
            "", "SELECT deviceId FROM devices", "SELECT * FROM devices.jobs", "SELECT * FROM devices WHERE",
            "SELECT * FROM devices WHERE a = 'b' OR c = 'd'", "SELECT * FROM devices WHERE a > 3",
            "SELECT * FROM devices WHERE a = b", "SELECT * FROM devices WHERE a = 'open",
            "SELECT * FROM devices ORDER BY a",
        ])
    func refused(text: String) {
        #expect(throws: HubFailure.self) { try TwinQuery(text) }
    }
}
