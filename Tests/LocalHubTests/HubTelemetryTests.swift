// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import LocalHub

@Suite("Telemetry at the hub") struct HubTelemetryTests {
    private let topic =
        "devices/d1/messages/events/%24.ct=application%2Fjson&%24.ce=utf-8&%24.sub=thermostat1&a=b"

    @Test("A message is logged with its decoded properties, published and acknowledged")
    func accepted() async throws {
        let hub = Hub()
        var updates = hub.telemetryUpdates().makeAsyncIterator()
        let device = try await TestDevice.connect(to: hub)
        await device.publish(topic, "{\"temperature\":21.5}", packetId: 300)
        let record = try #require(await updates.next())
        #expect(record.sequence == 1)
        #expect(record.component == "thermostat1")
        #expect(record.systemProperties["$.ct"] == "application/json")
        #expect(record.properties == ["a": "b"])
        #expect(record.json?["temperature"] == 21.5)
        #expect(record.modelId == TestDevice.modelId)
        #expect(record.packetId == 300)
        #expect(device.sink.packets.last == .puback(300))
        #expect(await hub.telemetry() == [record])
        #expect(await hub.telemetry(after: 1).isEmpty)
    }

    @Test("QoS 0 is accepted without PUBACK, RETAIN becomes a property")
    func variants() async throws {
        let hub = Hub()
        let device = try await TestDevice.connect(to: hub)
        await device.send(
            .publish(MQTTPublish(topic: "devices/d1/messages/events/", payload: [1], isRetained: true)))
        #expect(device.sink.packets.count == 1)
        #expect(await hub.telemetry().first?.properties == ["mqtt-retain": "true"])
    }

    @Test("A message above 256 KiB closes the connection, one of exactly that size does not")
    func size() async throws {
        let hub = Hub()
        let device = try await TestDevice.connect(to: hub)
        let body = [UInt8](repeating: 32, count: Hub.telemetryLimit - 2)
        await device.send(.publish(MQTTPublish(topic: "devices/d1/messages/events/a=b", payload: body)))
        #expect(!device.sink.isClosed)
        await device.send(.publish(MQTTPublish(topic: "devices/d1/messages/events/a=bc", payload: body)))
        #expect(device.sink.isClosed)
        #expect(await hub.violations().map(\.kind) == [.messageSize])
        #expect(await hub.telemetry().count == 1)
    }

    @Test("A will is delivered when the connection is lost, not after DISCONNECT")
    func will() async throws {
        let hub = Hub()
        let will = MQTTConnect.Will(
            topic: "devices/d1/messages/events/x=y", payload: [9], qos: 1, isRetained: false)
        let first = try await TestDevice.connect(to: hub, will: will)
        await first.send(.disconnect)
        #expect(await hub.telemetry().isEmpty)
        let second = try await TestDevice.connect(to: hub, will: will)
        await hub.closed(second.connection, because: "connection lost")
        #expect(await hub.telemetry().map(\.properties) == [["x": "y", "iothub-MessageType": "Will"]])
    }

    @Test("The log is bounded and keeps counting")
    func bounded() {
        var log = BoundedLog<Int>()
        for number in 1...100 { log.append(number, limit: 10) }
        #expect(log.total == 100)
        #expect(log.records.count <= 10)
        #expect(log.records.last == 100)
        #expect(log.after(98) == [99, 100])
        #expect(log.after(100).isEmpty)
        #expect(log.after(-5) == log.records)
        for number in 101...110 { log.append(number, bytes: 40, limit: 10, byteLimit: 100) }
        #expect(log.records == [109, 110])
        log.append(111, bytes: 1000, limit: 10, byteLimit: 100)
        #expect(log.records == [111])
    }
}
