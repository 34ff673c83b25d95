// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import LocalHub

@Suite("Twins at the hub") struct HubTwinTests {
    private func device(_ hub: Hub) async throws -> TestDevice {
        let device = try await TestDevice.connect(to: hub)
        await device.subscribe(Filters.twinResponses, Filters.desiredPatches)
        return device
    }

    @Test("GET returns both sections with their versions and nothing else")
    func get() async throws {
        let hub = Hub()
        let device = try await device(hub)
        try await hub.updateTwin("d1", tags: ["t": 1], desired: ["a": 1])
        await device.publish("$iothub/twin/GET/?$rid=42", " ")
        let answer = try #require(device.last("$iothub/twin/res/200/?$rid=42"))
        #expect(
            try JSON(parsing: answer.payload)
                == ["desired": ["a": 1, "$version": 2], "reported": ["$version": 1]])
        #expect(await hub.violations().isEmpty)
    }

    @Test("A reported patch merges, counts and is answered with 204 and the new version")
    func patch() async throws {
        let hub = Hub()
        let device = try await device(hub)
        let topic = "$iothub/twin/PATCH/properties/reported/?$rid="
        await device.publish(topic + "1", "{\"a\":{\"b\":1,\"c\":2}}")
        #expect(device.last("$iothub/twin/res/")?.topic == "$iothub/twin/res/204/?$rid=1&$version=2")
        await device.publish(topic + "2", "{\"a\":{\"b\":null}}")
        #expect(device.last("$iothub/twin/res/")?.topic == "$iothub/twin/res/204/?$rid=2&$version=3")
        #expect(device.last("$iothub/twin/res/")?.payload == [])
        let twin = try await hub.twin("d1")
        #expect(twin.reported.properties == ["a": ["c": 2]])
        #expect(twin.version == 3)
    }

    @Test(
        "Bad patches are answered with 400 or 413, change nothing and are violations",
        arguments: [
            ("{", 400), ("[1]", 400), ("{\"$version\":3}", 400), ("{\"a\":[null]}", 400), ("", 400),
        ])
    func badPatch(body: String, status: Int) async throws {
        let hub = Hub()
        let device = try await device(hub)
        await device.publish("$iothub/twin/PATCH/properties/reported/?$rid=1", body)
        let answer = try #require(device.last("$iothub/twin/res/\(status)/?$rid=1"))
        let error = try JSON(parsing: answer.payload)
        #expect(error["errorCode"]?.integer.map { $0 / 1000 } == status)
        #expect(try await hub.twin("d1").reported.version == 1)
        #expect(await hub.violations().map(\.kind) == [.twinRequest])
        #expect(!device.sink.isClosed)
    }

    @Test("A section may hold 32 KiB and no more")
    func size() async throws {
        let hub = Hub()
        let device = try await device(hub)
        for part in 0..<8 {
            let text = String(repeating: "x", count: part < 7 ? 4096 : 4095 - 8)
            await device.publish(
                "$iothub/twin/PATCH/properties/reported/?$rid=\(part)", "{\"\(part)\":\"\(text)\"}")
            #expect(device.last("$iothub/twin/res/204/?$rid=\(part)") != nil)
        }
        await device.publish("$iothub/twin/PATCH/properties/reported/?$rid=x", "{\"y\":1}")
        #expect(device.last("$iothub/twin/res/413/?$rid=x") != nil)
        #expect(try await hub.twin("d1").reported.properties["y"] == nil)
    }

    @Test("A request before the subscription is a violation and gets no answer")
    func unsubscribed() async throws {
        let hub = Hub()
        let device = try await TestDevice.connect(to: hub)
        await device.publish("$iothub/twin/GET/?$rid=1", "")
        #expect(device.sink.packets.last == .puback(7))
        #expect(await hub.violations().map(\.kind) == [.requestWithoutSubscription])
    }

    @Test("Desired changes are pushed with their version, replaced sections as a whole")
    func desired() async throws {
        let hub = Hub()
        let device = try await device(hub)
        try await hub.updateTwin("d1", desired: ["thermostat1": ["__t": "c", "targetTemperature": 21.5]])
        var push = try #require(device.sink.publishes.last)
        #expect(push.topic == "$iothub/twin/PATCH/properties/desired/?$version=2")
        #expect(
            try JSON(parsing: push.payload)
                == ["thermostat1": ["__t": "c", "targetTemperature": 21.5], "$version": 2])
        try await hub.updateTwin("d1", desired: ["thermostat1": .null])
        push = try #require(device.sink.publishes.last)
        #expect(try JSON(parsing: push.payload) == ["thermostat1": .null, "$version": 3])
        try await hub.updateTwin(
            "d1", desired: ["x": ["y": .null], "$version": 9, "$metadata": [:]], replace: true)
        push = try #require(device.sink.publishes.last)
        #expect(try JSON(parsing: push.payload) == ["x": [:], "$version": 4])
        #expect(try await hub.twin("d1").desired.properties == ["x": [:]])
    }

    @Test("Etags guard twins: the current one and * pass, others give 412")
    func etags() async throws {
        let hub = Hub()
        try await hub.putDevice("d1")
        let etag = try await hub.twin("d1").etag
        try await hub.updateTwin("d1", desired: ["a": 1], ifMatch: "\"\(etag)\"")
        try await hub.updateTwin("d1", tags: ["a": 1], ifMatch: "\"*\"")
        await #expect { try await hub.updateTwin("d1", tags: [:], ifMatch: etag) } throws: {
            ($0 as? HubFailure)?.code == 412_001
        }
        await #expect(throws: HubFailure.deviceNotFound("d2")) { try await hub.updateTwin("d2", tags: [:]) }
    }

    @Test("Registry rules: ids, keys, double creation, etags, deletion")
    func registry() async throws {
        let hub = Hub()
        func code(_ body: () async throws -> Void) async -> Int? {
            do { try await body() } catch { return (error as? HubFailure)?.code }
            return nil
        }
        for id in ["", "a b", "a/b", "a#", "ü", String(repeating: "x", count: 129)] {
            #expect(await code { try await hub.putDevice(id) } == 400_004)
        }
        let short = DeviceSpecification(authentication: .sas(primaryKey: "YQ==", secondaryKey: ""))
        #expect(await code { try await hub.putDevice("k", short) } == 400_004)
        let made = try await hub.putDevice("d-._%*?!(),:=@$'")
        guard case .sas(let primary, let secondary) = made.authentication else { return #expect(Bool(false)) }
        #expect(primary != secondary && !primary.isEmpty)
        #expect(await code { try await hub.putDevice(made.id) } == 409_001)
        #expect(await code { try await hub.putDevice(made.id, ifMatch: "other") } == 412_001)
        #expect(await code { try await hub.putDevice("new", ifMatch: "some") } == 404_001)
        let changed = try await hub.putDevice(
            made.id, DeviceSpecification(isEnabled: false), ifMatch: made.etag)
        #expect(changed.authentication == made.authentication)
        #expect(await hub.statistics().disabled == 1)
        #expect(await code { try await hub.deleteDevice(made.id, ifMatch: made.etag) } == 412_001)
        try await hub.deleteDevice(made.id, ifMatch: "*")
        #expect(await code { try await hub.deleteDevice(made.id) } == 404_001)
        #expect(await hub.devices().isEmpty)
    }
}
