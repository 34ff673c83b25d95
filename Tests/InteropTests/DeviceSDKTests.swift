// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub
import Testing

/// Microsoft's azure-iot-device 2.14, unmodified, with a symmetric key.
@Suite(
    "Device SDK against the local hub",
    .needsPythonEnvironment,
    .timeLimit(.minutes(10)))
struct DeviceSDKTests {
    @Test("Telemetry arrives with its properties decoded and its component")
    func telemetry() async throws {
        try await InteropHub.with { hub in
            try await hub.withConnectedDevice("d1", options: ["product_info": .string(InteropHub.model)]) {
                device in
                try await device.call(
                    "send",
                    [
                        "body": #"{"temperature": 21.5}"#, "message_id": "m-1",
                        "content_type": "application/json",
                        "content_encoding": "utf-8",
                        "properties": ["$.sub": "thermostat1", "höhe & größe": "a=b/ü%"],
                    ])
                let record = try #require(await hub.hub.telemetry().first)
                #expect(record.deviceId == "d1")
                #expect(record.json == ["temperature": 21.5])
                #expect(record.component == "thermostat1")
                #expect(record.systemProperties["$.mid"] == "m-1")
                #expect(record.systemProperties["$.ct"] == "application/json")
                #expect(record.systemProperties["$.ce"] == "utf-8")
                #expect(record.properties == ["höhe & größe": "a=b/ü%"])
                #expect(record.modelId == InteropHub.model)
                #expect(record.qos == 1)
            }
        }
    }

    @Test("The twin is read, reported to and pushed")
    func twin() async throws {
        try await InteropHub.with { hub in
            try await hub.withConnectedDevice("d1") { device in
                #expect(
                    try await device.call("twin") == [
                        "desired": ["$version": 1], "reported": ["$version": 1],
                    ])
                try await device.call("report", ["patch": ["a": 1, "b": ["c": "x", "d": 2]]])
                try await device.call("report", ["patch": ["a": .null, "b": ["d": 3]]])
                let reported = try await hub.hub.twin("d1").reported
                #expect(reported.properties == ["b": ["c": "x", "d": 3]])
                #expect(reported.version == 3)

                try await device.call("subscribe", ["features": ["desired"]])
                _ = try await hub.hub.updateTwin("d1", desired: ["t": ["__t": "c", "target": 5]])
                #expect(
                    try await device.call("next_desired") == ["t": ["__t": "c", "target": 5], "$version": 2])
                _ = try await hub.hub.updateTwin("d1", desired: ["t": .null])
                #expect(try await device.call("next_desired") == ["t": .null, "$version": 3])
                #expect(
                    try await device.call("twin")["desired"] == ["$version": 3])
            }
        }
    }

    @Test("A method reaches the device and its answer comes back")
    func method() async throws {
        try await InteropHub.with { hub in
            try await hub.withConnectedDevice("d1") { device in
                try await device.call("subscribe", ["features": ["methods"]])
                async let result = hub.hub.invokeMethod(
                    "d1", name: "thermostat1*getMaxMinReport", payload: "2024-05-06T07:08:09Z")
                let asked = try await device.call("answer_method", ["status": 202, "payload": ["max": 1.5]])
                #expect(asked == ["name": "thermostat1*getMaxMinReport", "payload": "2024-05-06T07:08:09Z"])
                #expect(try await result.status == 202)
                #expect(try await result.payload == ["max": 1.5])
            }
        }
    }

    @Test("Messages to the device arrive in order, also those sent while it was away")
    func cloudToDevice() async throws {
        try await InteropHub.with { hub in
            try await hub.withConnectedDevice("d1") { device in
                _ = try await hub.hub.sendToDevice(
                    "d1",
                    CloudToDeviceMessage(
                        messageId: "m1", correlationId: "c1", contentType: "text/plain",
                        properties: ["level": "high & low", "empty": ""], body: Array("first".utf8)))
                try await device.call("subscribe", ["features": ["messages"]])
                let first = try await device.call("next_message")
                #expect(first["body"] == "first")
                #expect(first["message_id"] == "m1")
                #expect(first["correlation_id"] == "c1")
                #expect(first["content_type"] == "text/plain")
                #expect(first["properties"] == ["level": "high & low", "empty": ""])
                _ = try await hub.hub.sendToDevice("d1", CloudToDeviceMessage(body: Array("second".utf8)))
                #expect(try await device.call("next_message")["body"] == "second")
                let isEmpty = await hub.hub.wait(upTo: .seconds(180)) { $0.device("d1")?.queuedMessages == 0 }
                #expect(isEmpty)
            }
        }
    }

    @Test("After a drop the SDK comes back by itself and still gets methods")
    func reconnect() async throws {
        try await InteropHub.with { hub in
            try await hub.withConnectedDevice("d1") { device in
                // Only a device that has used its twin before may ask for it again after a drop, as the SDK does.
                try await device.call("twin")
                try await device.call("subscribe", ["features": ["methods", "desired"]])
                await hub.hub.dropConnections(device: "d1")
                let isBack = await hub.hub.wait(upTo: .seconds(180)) {
                    $0.endedConnections().count == 1 && $0.device("d1")?.isConnected == true
                }
                #expect(isBack)
                async let result = hub.hub.invokeMethod("d1", name: "ping", payload: nil)
                try await device.call("answer_method", ["status": 200, "payload": .null])
                #expect(try await result.status == 200)
                try await device.call("send", ["body": "back"])
                #expect(await hub.hub.telemetry().last?.body == Array("back".utf8))
                let failures = try await device.call("failures").array ?? []
                let others = failures.filter { $0.string?.contains("ConnectionDropped") != true }
                #expect(others.isEmpty, "\(others)")
            }
        }
    }

    @Test("A token that ends soon is renewed by a new connection and nothing is lost")
    func renewal() async throws {
        try await InteropHub.with { hub in
            // The SDK renews 120 s before the end, so the first renewal comes after about 4 s.
            try await hub.withConnectedDevice("d1", options: ["sastoken_ttl": 124]) { device in
                let first = try #require(await hub.hub.connections().first)
                let isRenewed = await hub.hub.wait(upTo: .seconds(180)) {
                    $0.connections().contains { $0.id != first.id && $0.connackCode == 0 }
                }
                #expect(isRenewed)
                let second = try #require(await hub.hub.connections().last)
                let expiries = (try #require(first.tokenExpiry), try #require(second.tokenExpiry))
                #expect(expiries.0 < expiries.1)
                try await device.call("send", ["body": "renewed"])
                #expect(await hub.hub.telemetry().last?.body == Array("renewed".utf8))
            }
        }
    }

    @Test("A wrong key is refused as unauthorised")
    func wrongKey() async throws {
        try await InteropHub.with(allowsViolations: true) { hub in
            _ = try await hub.hub.putDevice("d1")
            try await hub.withDevice { device in
                let key = Data(repeating: 1, count: 32).base64EncodedString()
                try await device.call(
                    "by_connection_string",
                    ["connection_string": .string("HostName=\(hub.host);DeviceId=d1;SharedAccessKey=\(key)")])
                let failure = try await #require(throws: PythonFailure.self) {
                    try await device.call("connect")
                }
                guard case .raised(type: "CredentialError", _) = failure else {
                    Issue.record("the SDK raised \(failure)")
                    return
                }
            }
        }
    }
}
