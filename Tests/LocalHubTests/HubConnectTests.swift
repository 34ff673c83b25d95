// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Testing

@testable import LocalHub

@Suite("CONNECT at the hub") struct HubConnectTests {
    @Test("A good token is accepted and the record tells what was announced")
    func accepted() async throws {
        let hub = Hub()
        let device = try await TestDevice.connect(to: hub)
        #expect(device.sink.packets == [.connack(sessionPresent: false, code: 0)])
        let record = try #require(await hub.connections().first)
        #expect(record.deviceId == "d1")
        #expect(record.modelId == TestDevice.modelId)
        #expect(record.apiVersion == "2021-04-12")
        #expect(record.tokenExpiry != nil)
        #expect(await hub.device("d1")?.isConnected == true)
        #expect(try await hub.twin("d1").modelId == TestDevice.modelId)
        #expect(await hub.violations().isEmpty)
    }

    @Test(
        "Tokens that do not fit are refused with code 5",
        arguments: [
            TestDevice.token("localhost/devices/d10"), TestDevice.token("localhost/devices/D1"),
            TestDevice.token("other.example/devices/d1"), TestDevice.token("localhost/devices/d1", expiry: 1),
            TestDevice.token("localhost/devices/d1", key: "AAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
            Array("hello".utf8), [], nil,
        ])
    func badToken(token: [UInt8]?) async throws {
        let hub = Hub()
        let device = try await TestDevice.connect(to: hub, change: { $0.password = token })
        #expect(device.connackCode == 5)
        #expect(device.sink.isClosed)
        #expect(await hub.connections().isEmpty)
        #expect(await hub.device("d1")?.isConnected == false)
    }

    @Test("Host names with a port, and the secondary key, are as good")
    func variants() async throws {
        let hub = Hub()
        let keys = DeviceAuthentication.sas(primaryKey: "", secondaryKey: TestDevice.key)
        try await hub.putDevice("d1", DeviceSpecification(authentication: keys))
        let device = try await TestDevice.connect(
            to: hub,
            change: {
                $0.userName = TestDevice.userName("d1", host: "LOCALHOST:1234")
                $0.password = TestDevice.token("localhost:1234/devices/d1")
            })
        #expect(device.connackCode == 0)
    }

    @Test("Everything else wrong in CONNECT has its code and its violation")
    func refusals() async throws {
        let cases: [(UInt8, Violation.Kind?, @Sendable (inout MQTTConnect) -> Void)] = [
            (1, .protocolVersion, { ($0.protocolName, $0.level) = ("MQIsdp", 3) }),
            (2, .clientId, { $0.clientId = "d2" }), (4, .userName, { $0.userName = nil }),
            (4, .userName, { $0.userName = "localhost/d1" }),
            (5, .userName, { $0.userName = "elsewhere/d1/?api-version=2021-04-12" }),
            (5, .will, { $0.will = .init(topic: "x", payload: [], qos: 0, isRetained: false) }),
            (5, nil, { ($0.userName, $0.clientId) = ("localhost/nobody/?api-version=2021-04-12", "nobody") }),
        ]
        for (code, violation, change) in cases {
            let hub = Hub()
            let device = try await TestDevice.connect(to: hub, change: change)
            #expect(device.connackCode == code)
            #expect(device.sink.isClosed)
            #expect(await hub.violations().map(\.kind) == (violation.map { [$0] } ?? []))
        }
    }

    @Test("A disabled device gets code 3, and disabling ends its connection")
    func disabled() async throws {
        let hub = Hub()
        let device = try await TestDevice.connect(to: hub)
        try await hub.putDevice("d1", DeviceSpecification(isEnabled: false), ifMatch: "*")
        #expect(device.sink.isClosed)
        #expect(try await TestDevice.connect(to: hub).connackCode == 3)
    }

    @Test("A newer connection ends the older one and keeps its session")
    func takeOver() async throws {
        let hub = Hub()
        let first = try await TestDevice.connect(to: hub)
        await first.subscribe(Filters.methods)
        let second = try await TestDevice.connect(to: hub)
        #expect(first.sink.isClosed)
        #expect(second.sink.packets == [.connack(sessionPresent: true, code: 0)])
        #expect(await hub.connections().map(\.id) == [second.connection])
        #expect(await hub.connections().first?.subscriptions == [Filters.methods: 1])
        #expect(await hub.device("d1")?.isConnected == true)
    }

    @Test("A clean session neither finds nor leaves anything")
    func cleanSession() async throws {
        let hub = Hub()
        let first = try await TestDevice.connect(to: hub)
        await first.subscribe(Filters.methods)
        await first.send(.disconnect)
        let second = try await TestDevice.connect(to: hub, clean: true)
        #expect(second.sink.packets == [.connack(sessionPresent: false, code: 0)])
        await second.subscribe(Filters.methods)
        await second.send(.disconnect)
        let third = try await TestDevice.connect(to: hub)
        #expect(third.sink.packets == [.connack(sessionPresent: false, code: 0)])
    }

    @Test("A token's end is the connection's end", .timeLimit(.minutes(10)))
    func expiry() async throws {
        let hub = Hub()
        let soon = Int(Date().timeIntervalSince1970) + 2
        let device = try await TestDevice.connect(
            to: hub, change: { $0.password = TestDevice.token("localhost/devices/d1", expiry: soon) })
        #expect(device.connackCode == 0)
        #expect(await hub.wait(upTo: .seconds(20)) { $0.connections().isEmpty })
        #expect(await hub.endedConnections().last?.closeReason == "401003 token expired")
    }

    @Test("Silence beyond one and a half keep-alive periods ends the connection", .timeLimit(.minutes(10)))
    func keepAlive() async throws {
        let hub = Hub()
        let start = ContinuousClock.now
        _ = try await TestDevice.connect(to: hub, keepAlive: 1)
        #expect(await hub.wait(upTo: .seconds(20)) { $0.connections().isEmpty })
        #expect(ContinuousClock.now - start >= .milliseconds(1400))
        #expect(await hub.endedConnections().last?.closeReason?.hasPrefix("404104") == true)
    }

    @Test("Packets out of order and of the wrong side close the connection and are violations")
    func order() async throws {
        let cases: [(MQTTPacket, Violation.Kind)] = [
            (.connect(MQTTConnect(clientId: "d1", cleanSession: false, keepAlive: 1)), .connectOrder),
            (.qos2(type: 6, id: 1), .qualityOfService),
            (.connack(sessionPresent: false, code: 0), .malformedPacket),
            (
                .publish(MQTTPublish(topic: "devices/d1/messages/events/", payload: [], qos: 2, id: 1)),
                .qualityOfService
            ),
            (.publish(MQTTPublish(topic: "devices/d2/messages/events/", payload: [])), .topic),
            (.publish(MQTTPublish(topic: "$iothub/nothing/?$rid=1", payload: [])), .topic),
            (.subscribe(id: 1, filters: [MQTTSubscription(filter: "#", qos: 0)]), .topicFilter),
            (
                .subscribe(id: 1, filters: [MQTTSubscription(filter: "$iothub/twin/res/+", qos: 0)]),
                .topicFilter
            ),
        ]
        for (packet, kind) in cases {
            let hub = Hub()
            let device = try await TestDevice.connect(to: hub)
            await device.send(packet)
            #expect(device.sink.isClosed)
            #expect(await hub.violations().map(\.kind) == [kind])
        }
        let hub = Hub()
        let sink = RecordingSink()
        let id = await hub.open(sink, tls: TLSDetails())
        await hub.receive(.pingRequest, on: id)
        #expect(sink.isClosed)
        #expect(await hub.violations().map(\.kind) == [.connectOrder])
    }

    @Test("Subscriptions are granted with QoS 1 at most, and pings are answered")
    func subscribe() async throws {
        let hub = Hub()
        let device = try await TestDevice.connect(to: hub)
        let filters = [
            MQTTSubscription(filter: Filters.methods, qos: 2),
            MQTTSubscription(filter: Filters.twinResponses, qos: 0),
        ]
        await device.send(
            .subscribe(id: 77, filters: filters), .pingRequest,
            .unsubscribe(id: 78, filters: [Filters.methods]))
        #expect(
            device.sink.packets.dropFirst() == [
                .suback(id: 77, codes: [1, 0]), .pingResponse, .unsuback(78),
            ])
        #expect(await hub.connections().first?.subscriptions == [Filters.twinResponses: 0])
        #expect(await hub.violations().isEmpty)
    }
}
