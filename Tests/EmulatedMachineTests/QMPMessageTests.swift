// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import EmulatedMachine

@Suite struct QMPMessageTests {
    @Test(
        "QEMU's lines are told apart",
        arguments: [
            (
                #"{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}}, "capabilities": ["oob"]}}"#,
                QMPMessage.greeting
            ),
            (#"{"return": {}, "id": 4}"#, .success(id: 4)),
            (#"{"return": {"running": true}}"#, .success(id: nil)),
            (
                #"{"id": 5, "error": {"class": "DeviceNotFound", "desc": "Device 'x' not found"}}"#,
                .failure(id: 5, reason: "Device 'x' not found")
            ),
            (
                #"{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-reset"}}"#,
                .event("SHUTDOWN", reason: "guest-reset")
            ),
            (
                #"{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "STOP"}"#,
                .event("STOP", reason: nil)
            ),
        ])
    func parses(line: String, message: QMPMessage) {
        #expect(QMPMessage(line) == message)
    }

    @Test("What is no message is none", arguments: ["", "{", "[]", "{}", "ready", #"{"id": 1}"#])
    func rejects(line: String) {
        #expect(QMPMessage(line) == nil)
    }

    @Test("Commands are one line each")
    func commands() {
        #expect(QMPCommand.negotiate.line(id: 1) == #"{"execute":"qmp_capabilities","id":1}"#)
        #expect(
            QMPCommand.setLink(device: "program", up: false).line(id: 2)
                == #"{"execute":"set_link","arguments":{"name":"program","up":false},"id":2}"#)
    }
}
