// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import LocalHub

@Suite("Faults", .timeLimit(.minutes(10))) struct FaultTests {
    private let topic = "devices/d1/messages/events/"

    @Test("CONNECT is refused as often as asked, for the device asked")
    func refuse() async throws {
        let hub = Hub()
        await hub.setFault(Fault(.refuseConnect(code: 3), deviceId: "d1", count: 2))
        #expect(try await TestDevice.connect(to: hub, id: "d2").connackCode == 0)
        #expect(try await TestDevice.connect(to: hub).connackCode == 3)
        #expect(try await TestDevice.connect(to: hub).connackCode == 3)
        #expect(try await TestDevice.connect(to: hub).connackCode == 0)
        #expect(await hub.faults().isEmpty)
        #expect(await hub.violations().isEmpty)
    }

    @Test("CONNECT, SUBSCRIBE and PINGREQ are met with silence")
    func silence() async throws {
        let hub = Hub()
        await hub.setFault(Fault(.silentConnect, count: 1))
        let silent = try await TestDevice.connect(to: hub)
        #expect(silent.connackCode == nil && !silent.sink.isClosed)
        let device = try await TestDevice.connect(to: hub)
        await hub.setFault(Fault(.silentSubscribe, count: 1))
        await hub.setFault(Fault(.silentPing, count: 1))
        await device.subscribe(Filters.methods)
        await device.send(.pingRequest)
        #expect(device.sink.packets.count == 1)
        await device.send(.pingRequest)
        #expect(device.sink.packets.last == .pingResponse)
    }

    @Test("PUBACKs are held until released, in order")
    func hold() async throws {
        let hub = Hub()
        let device = try await TestDevice.connect(to: hub)
        await hub.setFault(Fault(.holdPubacks, deviceId: "d1"))
        await device.publish(topic, "1", packetId: 1)
        await device.publish(topic, "2", packetId: 2)
        #expect(device.sink.packets.count == 1)
        #expect(await hub.telemetry().count == 2)
        await hub.clearFaults(device: "d2")
        #expect(device.sink.packets.count == 1)
        await hub.clearFaults()
        #expect(device.sink.packets.dropFirst() == [.puback(1), .puback(2)])
    }

    @Test("PUBACKs are dropped or delayed")
    func dropAndDelay() async throws {
        let hub = Hub()
        let device = try await TestDevice.connect(to: hub)
        await hub.setFault(Fault(.dropPubacks(), count: 1))
        await hub.setFault(Fault(.delayPubacks(.milliseconds(20)), count: 1))
        await device.publish(topic, "1", packetId: 1)
        await device.publish(topic, "2", packetId: 2)
        await device.publish(topic, "3", packetId: 3)
        #expect(device.sink.packets.dropFirst() == [.puback(3)])
        while device.sink.packets.count < 3 { await Task.yield() }
        #expect(device.sink.packets.dropFirst() == [.puback(3), .puback(2)])
        #expect(await hub.telemetry().count == 3)
    }

    @Test("Connections are cut after CONNACK, at telemetry, or now")
    func drops() async throws {
        let hub = Hub()
        await hub.setFault(Fault(.dropAfterConnect, count: 1))
        let first = try await TestDevice.connect(to: hub)
        #expect(first.connackCode == 0 && first.sink.isClosed)
        let second = try await TestDevice.connect(to: hub)
        await hub.setFault(Fault(.dropOnTelemetry, count: 1))
        await second.publish(topic, "1")
        #expect(second.sink.isClosed && second.sink.packets.count == 1)
        #expect(await hub.telemetry().isEmpty)
        let third = try await TestDevice.connect(to: hub)
        let other = try await TestDevice.connect(to: hub, id: "d2")
        await hub.dropConnections(device: "d1")
        #expect(third.sink.isClosed && !other.sink.isClosed)
    }

    @Test("A half-open connection stays open and does nothing any more")
    func halfOpen() async throws {
        let hub = Hub()
        await hub.setFault(Fault(.halfOpen, count: 1))
        let device = try await TestDevice.connect(to: hub)
        #expect(device.connackCode == 0 && device.sink.isFrozen && !device.sink.isClosed)
        await device.publish(topic, "1")
        #expect(device.sink.packets.count == 1)
        #expect(await hub.telemetry().isEmpty)
        let next = try await TestDevice.connect(to: hub)
        #expect(device.sink.isClosed && !next.sink.isFrozen)
        await hub.freezeConnections(device: "d1")
        #expect(next.sink.isFrozen)
    }

    @Test("Twin requests get the status asked for, or silence")
    func twins() async throws {
        let hub = Hub()
        let device = try await TestDevice.connect(to: hub)
        await device.subscribe(Filters.twinResponses)
        await hub.setFault(Fault(.twinStatus(.get, status: 429), count: 1))
        await hub.setFault(Fault(.twinSilence(.patch), count: 1))
        await device.publish("$iothub/twin/PATCH/properties/reported/?$rid=1", "{\"a\":1}")
        #expect(device.sink.publishes.isEmpty)
        #expect(try await hub.twin("d1").reported.version == 1)
        await device.publish("$iothub/twin/GET/?$rid=2", "")
        #expect(device.sink.publishes.last?.topic == "$iothub/twin/res/429/?$rid=2")
        await device.publish("$iothub/twin/GET/?$rid=3", "")
        #expect(device.sink.publishes.last?.topic == "$iothub/twin/res/200/?$rid=3")
    }

    @Test("Sessions are forgotten, tokens cut short")
    func sessions() async throws {
        let hub = Hub()
        let first = try await TestDevice.connect(to: hub)
        await first.subscribe(Filters.messages(to: "d1"))
        try await hub.sendToDevice("d1", CloudToDeviceMessage(body: []))
        await hub.setFault(Fault(.sessionForgotten, count: 1))
        await hub.setFault(Fault(.tokenCutShort(.milliseconds(20)), count: 1))
        let second = try await TestDevice.connect(to: hub)
        #expect(second.sink.packets == [.connack(sessionPresent: false, code: 0)])
        #expect(await hub.device("d1")?.queuedMessages == 0)
        #expect(await hub.wait(upTo: .seconds(20)) { $0.connections().isEmpty })
        #expect(await hub.endedConnections().last?.closeReason == "401003 token expired")
    }

    @Test("Provisioning fails as asked")
    func provisioning() async throws {
        let hub = Hub()
        let scope = await hub.configuration.idScope
        let device = try await TestDevice.connect(
            to: hub, change: { $0.userName = "\(scope)/registrations/d1/api-version=2019-03-31" })
        await device.subscribe(Filters.registrations)
        await hub.setFault(Fault(.provisioningSilence(.register), count: 1))
        await hub.setFault(Fault(.provisioningError(.register, code: 429_001, retryAfter: 4), count: 1))
        let topic = "$dps/registrations/PUT/iotdps-register/?$rid=1"
        await device.publish(topic, "{\"registrationId\":\"d1\"}")
        #expect(device.sink.publishes.isEmpty)
        await device.publish(topic, "{\"registrationId\":\"d1\"}")
        #expect(device.sink.publishes.last?.topic == "$dps/registrations/res/429/?$rid=1&retry-after=4")
    }

    @Test("Certificate faults wait for the next handshake, whoever makes it")
    func certificate() async {
        let hub = Hub()
        await hub.setFault(Fault(.wrongCertificate(.hostName), count: 1))
        #expect(await hub.takeWrongCertificate() == .hostName)
        #expect(await hub.takeWrongCertificate() == nil)
    }
}
