// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub
import Testing

/// Microsoft's azure-iot-hub 2.7, unmodified, against the REST API.
@Suite(
    "Service SDK against the local hub",
    .needsPythonEnvironment,
    .timeLimit(.minutes(10)))
struct ServiceSDKTests {
    private static let keys = (
        Data(repeating: 1, count: 32).base64EncodedString(),
        Data(repeating: 2, count: 32).base64EncodedString()
    )

    @Test("Devices are created, read, changed, listed, counted and deleted")
    func registry() async throws {
        try await InteropHub.with { hub in
            try await hub.withService { service in
                let created = try await service.call(
                    "create_sas",
                    ["device": "dev:01", "primary": .string(Self.keys.0), "secondary": .string(Self.keys.1)])
                #expect(created["deviceId"] == "dev:01")
                #expect(created["authentication"]?["symmetricKey"]?["primaryKey"] == .string(Self.keys.0))
                let made = try await service.call(
                    "create_sas", ["device": "d2", "primary": .null, "secondary": .null])
                let madeKey = try #require(made["authentication"]?["symmetricKey"]?["primaryKey"]?.string)
                #expect(Data(base64Encoded: madeKey)?.count == 32)
                let etag = try #require(created["etag"])
                let change: [String: JSON] = [
                    "device": "dev:01", "primary": .string(Self.keys.1), "secondary": .string(Self.keys.0),
                    "status": "disabled",
                ]
                try await service.call("update_sas", change.merging(["etag": etag]) { $1 })
                let changed = try await service.call("get_device", ["device": "dev:01"])
                #expect(changed["status"] == "disabled")
                #expect(changed["etag"] != etag)
                await #expect(throws: PythonFailure.self, "the etag is stale") {
                    try await service.call("update_sas", change.merging(["etag": etag]) { $1 })
                }
                #expect(try await service.call("get_devices").array?.count == 2)
                #expect(try await service.call("get_devices", ["top": 1]).array?.count == 1)
                #expect(
                    try await service.call("device_statistics") == [
                        "totalDeviceCount": 2, "enabledDeviceCount": 1, "disabledDeviceCount": 1,
                    ])
                #expect(try await service.call("service_statistics") == ["connectedDeviceCount": 0])
                try await service.call("delete_device", ["device": "dev:01"])
                await #expect(throws: PythonFailure.self) {
                    try await service.call("get_device", ["device": "dev:01"])
                }
                #expect(await hub.hub.devices().map(\.id) == ["d2"])
            }
        }
    }

    @Test("Certificate identities keep their kind")
    func certificates() async throws {
        try await InteropHub.with { hub in
            try await hub.withService { service in
                let thumbprint = String(repeating: "AB", count: 20)
                let own = try await service.call(
                    "create_x509",
                    ["device": "x1", "primary": .string(thumbprint), "secondary": .string(thumbprint)])
                #expect(own["authentication"]?["type"] == "selfSigned")
                #expect(
                    own["authentication"]?["x509Thumbprint"]?["primaryThumbprint"] == .string(thumbprint))
                let signed = try await service.call("create_ca", ["device": "x2"])
                #expect(signed["authentication"]?["type"] == "certificateAuthority")
            }
        }
    }

    @Test("A twin is read, merged into, replaced and guarded by its etag")
    func twin() async throws {
        try await InteropHub.with { hub in
            _ = try await hub.hub.putDevice("d1")
            try await hub.withService { service in
                let fresh = try await service.call("get_twin", ["device": "d1"])
                #expect(fresh["properties"]?["desired"]?["$version"] == 1)
                #expect(fresh["connectionState"] == "Disconnected")
                let etag = try #require(fresh["etag"])
                let merged = try await service.call(
                    "update_twin",
                    [
                        "device": "d1", "etag": etag, "tags": ["room": "hall"],
                        "desired": ["a": ["x": 1, "y": 2]],
                    ])
                #expect(merged["tags"] == ["room": "hall"])
                let deleted = try await service.call(
                    "update_twin", ["device": "d1", "desired": ["a": ["x": .null]]])
                #expect(deleted["properties"]?["desired"]?["a"] == ["y": 2])
                #expect(deleted["properties"]?["desired"]?["$version"] == 3)
                #expect(deleted["properties"]?["desired"]?["$metadata"]?["a"]?["y"]?["$lastUpdated"] != nil)
                let replaced = try await service.call("replace_twin", ["device": "d1", "desired": ["b": 1]])
                #expect(replaced["properties"]?["desired"]?["a"] == nil)
                #expect(replaced["tags"] == ["room": "hall"])
                let failure = try await #require(throws: PythonFailure.self) {
                    try await service.call(
                        "update_twin", ["device": "d1", "etag": etag, "desired": ["c": 1]])
                }
                guard case .raised(_, let message) = failure else { throw failure }
                #expect(message.contains("Precondition"), "\(message)")
            }
        }
    }

    @Test("A method call reaches a device of the device SDK; offline and unknown are told apart")
    func method() async throws {
        try await InteropHub.with { hub in
            try await hub.withConnectedDevice("d1") { device in
                try await hub.withService { service in
                    let call: [String: JSON] = [
                        "device": "d1", "name": "reboot", "payload": 5, "response_timeout": 20,
                    ]
                    let early = try await #require(throws: PythonFailure.self) {
                        try await service.call("method", call)
                    }
                    #expect("\(early)".contains("404103"), "nothing subscribed yet: \(early)")

                    try await device.call("subscribe", ["features": ["methods"]])
                    async let answer = device.call("answer_method", ["status": 200, "payload": ["ok": true]])
                    #expect(
                        try await service.call("method", call) == ["status": 200, "payload": ["ok": true]])
                    #expect(try await answer == ["name": "reboot", "payload": 5])

                    async let empty = device.call("answer_method", ["status": 200, "payload": .null])
                    try await service.call("method", ["device": "d1", "name": "reboot"])
                    #expect(try await empty["payload"] == "")

                    let unknown = try await #require(throws: PythonFailure.self) {
                        try await service.call("method", ["device": "d9", "name": "reboot"])
                    }
                    #expect("\(unknown)".contains("404") || "\(unknown)".contains("Not"), "\(unknown)")
                }
            }
        }
    }

    @Test("A query gives twins page by page")
    func query() async throws {
        try await InteropHub.with { hub in
            for number in 1...5 {
                _ = try await hub.hub.putDevice("d\(number)")
                _ = try await hub.hub.updateTwin("d\(number)", tags: ["odd": .bool(number % 2 == 1)])
            }
            try await hub.withService { service in
                let query: [String: JSON] = [
                    "query": "SELECT * FROM devices WHERE tags.odd = true", "max_items": 2,
                ]
                let first = try await service.call("query", query)
                #expect(first["items"]?.array?.compactMap { $0["deviceId"]?.string } == ["d1", "d3"])
                let next = try #require(first["continuation"])
                let second = try await service.call("query", query.merging(["continuation": next]) { $1 })
                #expect(second["items"]?.array?.compactMap { $0["deviceId"]?.string } == ["d5"])
                #expect(second["continuation"] == .null)
            }
        }
    }

    @Test("Many devices are created and deleted in one request")
    func bulk() async throws {
        try await InteropHub.with { hub in
            try await hub.withService { service in
                let names: JSON = ["b1", "b2"]
                let made = try await service.call("bulk", ["devices": names, "mode": "create"])
                #expect(made == ["isSuccessful": true, "errors": []])
                #expect(await hub.hub.devices().map(\.id) == ["b1", "b2"])
                let again = try await service.call("bulk", ["devices": ["b1", "b3"], "mode": "create"])
                #expect(again["isSuccessful"] == false)
                #expect(again["errors"]?.array?.count == 1)
                try await service.call("bulk", ["devices": ["b1", "b2", "b3"], "mode": "delete"])
                #expect(await hub.hub.devices().isEmpty)
            }
        }
    }

    @Test("The digital twin shows components, takes a patch and invokes commands")
    func digitalTwin() async throws {
        try await InteropHub.with { hub in
            try await hub.withConnectedDevice("d1", options: ["product_info": .string(InteropHub.model)]) {
                device in
                try await device.call(
                    "report",
                    [
                        "patch": [
                            "serialNumber": "s1",
                            "thermostat1": [
                                "__t": "c",
                                "targetTemperature": ["value": 20, "ac": 200, "av": 1, "ad": "done"],
                            ],
                        ]
                    ])
                try await device.call("subscribe", ["features": ["methods", "desired"]])
                try await hub.withService { service in
                    let twin = try await service.call("digital_twin", ["device": "d1"])
                    #expect(twin["$dtId"] == "d1")
                    #expect(twin["$metadata"]?["$model"] == .string(InteropHub.model))
                    #expect(twin["serialNumber"] == "s1")
                    #expect(twin["thermostat1"]?["targetTemperature"] == 20)
                    try await service.call(
                        "update_digital_twin",
                        [
                            "device": "d1",
                            "patch": [["op": "add", "path": "/thermostat1/targetTemperature", "value": 5]],
                        ])
                    #expect(
                        try await device.call("next_desired")["thermostat1"] == [
                            "__t": "c", "targetTemperature": 5,
                        ])
                    async let answer = device.call("answer_method", ["status": 200, "payload": ["max": 3]])
                    let result = try await service.call(
                        "command",
                        [
                            "device": "d1", "component": "thermostat1", "name": "getMaxMinReport",
                            "payload": "x",
                        ])
                    #expect(result == ["max": 3])
                    #expect(try await answer["name"] == "thermostat1*getMaxMinReport")
                }
            }
        }
    }

    @Test("A wrong service key is refused")
    func wrongKey() async throws {
        try await InteropHub.with { hub in
            try await hub.withService(key: Self.keys.0) { service in
                await #expect(throws: PythonFailure.self) { try await service.call("get_devices") }
            }
        }
    }
}
