// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import NIOSSL
import Simulation
import Testing

@testable import LocalHub

/// Clients that send too much, too little or nonsense must not hurt anybody else.
@Suite("Hostile MQTT clients", .timeLimit(.minutes(10))) struct FloodTests {
    private func withServer(
        connectLimit: Duration = .seconds(30), _ body: (LocalHubServer) async throws -> Void
    ) async throws {
        var configuration = LocalHubServerConfiguration()
        configuration.hub.connectLimit = connectLimit
        try await LocalHubServer.withServer(configuration, body)
    }

    private func expectService(_ server: LocalHubServer) async throws {
        let client = try await connectInTime(to: server)
        try await client.send(.pingRequest)
        #expect(await client.next() == .pingResponse)
    }

    /// A client whose handshake was done within the server's limit.
    private func handshakeInTime(with server: LocalHubServer) async throws -> TLSClient {
        while true {
            try Task.checkCancellation()
            if let client = try? await TLSClient.connect(to: server) { return client }
        }
    }

    /// A device that gets through within the server's limit; on a busy machine it may be cut off a few times before.
    private func connectInTime(to server: LocalHubServer) async throws -> TLSClient {
        let token = TestDevice.token("localhost/devices/d1")
        while true {
            let client = try await handshakeInTime(with: server)
            guard let code = try? await client.connect(as: "d1", password: token) else { continue }
            try #require(code == 0)
            return client
        }
    }

    @Test("A client that asks and does not read is not read from either, until it reads again")
    func backPressure() async throws {
        try await withServer { server in
            let text = JSON.string(String(repeating: "x", count: 4000))
            let large = JSON.object(Dictionary(uniqueKeysWithValues: (0..<7).map { ("k\($0)", text) }))
            try await server.hub.updateTwin("d1", desired: large)
            let client = try await TLSClient.connect(to: server)
            let token = TestDevice.token("localhost/devices/d1")
            #expect(try await client.connect(as: "d1", password: token) == 0)
            try await client.send(
                .subscribe(id: 1, filters: [MQTTSubscription(filter: Filters.twinResponses, qos: 0)]))
            #expect(await client.next() == .suback(id: 1, codes: [0]))
            try await client.setReading(false)
            let request = MQTTPacket.publish(
                MQTTPublish(topic: "$iothub/twin/GET/?$rid=1", payload: [], qos: 0))
            let count = 1000
            client.post(Array(repeating: request.bytes, count: count).joined().map(\.self))
            let hasAll: @Sendable (isolated Hub) -> Bool = { hub in
                hub.live.values.contains { $0.packetCount >= count + 2 }
            }
            #expect(await server.hub.wait(upTo: .seconds(3), until: hasAll) == false)
            try await client.setReading(true)
            #expect(await server.hub.wait(upTo: .seconds(60), until: hasAll))
        }
    }

    @Test("Clients that stop in the middle of the handshake or before CONNECT are cut off")
    func halfOpen() async throws {
        try await withServer(connectLimit: .milliseconds(500)) { server in
            let hello: [UInt8] = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03]
            for bytes in [[], [0x16], hello] {
                let client = try await RawClient.connect(port: server.mqttPort)
                await client.send(bytes)
                try await client.closed()
            }
            let silent = try await handshakeInTime(with: server)
            #expect(await silent.next() == nil)
            try await expectService(server)
        }
    }

    @Test("Random bytes in place of TLS, and connections that vanish, leave the server at work")
    func noTLS() async throws {
        try await withServer(connectLimit: .seconds(1)) { server in
            var random = SeededGenerator(seed: 7)
            for round in 0..<100 {
                let client = try await RawClient.connect(port: server.mqttPort)
                let length = Int.random(in: 0...2000, using: &random)
                var bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
                // Every other one begins as a TLS record does.
                if round.isMultiple(of: 2) { bytes = [0x16, 0x03, 0x01] + bytes }
                await client.send(bytes)
                await client.close()
            }
            try await expectService(server)
        }
    }

    @Test("Random bytes within TLS, with or without a CONNECT before, leave the server at work")
    func withinTLS() async throws {
        try await withServer { server in
            var random = SeededGenerator(seed: 8)
            let token = TestDevice.token("localhost/devices/d1")
            for round in 0..<60 {
                let client = try await TLSClient.connect(to: server)
                if round.isMultiple(of: 2) {
                    #expect(try await client.connect(as: "d1", password: token) == 0)
                }
                client.post(MQTTFuzzer.stream(using: &random))
                await client.close()
            }
            try await expectService(server)
        }
    }

    @Test("Twenty thousand damaged packets never trip the hub", arguments: [1, 2, 3, 4])
    func damaged(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let hub = Hub()
        for _ in 0..<500 {
            let device = try await TestDevice.connect(to: hub)
            await device.subscribe(Filters.twinResponses, Filters.methods)
            var framing = MQTTFraming()
            framing.append(MQTTFuzzer.stream(using: &random))
            do throws(MQTTError) {
                while let packet = try framing.next() { await hub.receive(packet, on: device.connection) }
            } catch {
                await hub.receive(error, on: device.connection)
                #expect(device.sink.isClosed)
            }
            await hub.closed(device.connection, because: "connection lost")
        }
        #expect(await hub.connections().isEmpty)
        #expect(await hub.violations().isEmpty == false)
        let device = try await TestDevice.connect(to: hub)
        #expect(device.connackCode == 0)
    }

    @Test("More messages unacknowledged than packet identifiers close the connection")
    func heldPubacks() async throws {
        let hub = Hub()
        await hub.setFault(Fault(.holdPubacks))
        let device = try await TestDevice.connect(to: hub)
        let publish = MQTTPublish(topic: "devices/d1/messages/events/", payload: [], qos: 1, id: 1)
        await hub.receive(Array(repeating: .publish(publish), count: 65_536), on: device.connection)
        #expect(device.sink.isClosed)
        #expect(await hub.violations().map(\.kind) == [.acknowledgement])
    }

    @Test("The log forgets the oldest messages beyond its bytes, and long texts are cut for people")
    func logBytes() async throws {
        var configuration = HubConfiguration()
        configuration.logByteLimit = 1_000_000
        let hub = Hub(configuration: configuration)
        let device = try await TestDevice.connect(to: hub)
        let publish = MQTTPublish(
            topic: "devices/d1/messages/events/", payload: [UInt8](repeating: 1, count: 100_000))
        await hub.receive(Array(repeating: .publish(publish), count: 100), on: device.connection)
        let kept = await hub.telemetry()
        #expect((5...10).contains(kept.count))
        #expect(kept.last?.sequence == 100)
        await device.publish(String(repeating: "t", count: 60_000), "", qos: 0)
        #expect(await hub.violations().first.map { $0.detail.count < 400 } == true)
    }
}
