// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import NIOSSL
import Simulation
import Testing

@testable import LocalHub

@Suite("Local hub over TLS", .timeLimit(.minutes(10))) struct LocalHubServerTests {
    private let topic = "devices/d1/messages/events/"

    private var token: [UInt8] { TestDevice.token("localhost/devices/d1") }

    @Test("A device connects, sends and is acknowledged; what TLS was used is known")
    func telemetry() async throws {
        try await LocalHubServer.withServer { server in
            #expect(server.hubConfiguration.assignedHub == "localhost:\(server.mqttPort)")
            let client = try await TLSClient.connect(to: server)
            #expect(try await client.connect(as: "d1", password: token) == 0)
            let body = [UInt8](repeating: 65, count: 200_000)
            try await client.send(.publish(MQTTPublish(topic: topic, payload: body, qos: 1, id: 5)))
            #expect(await client.next() == .puback(5))
            #expect(await server.hub.telemetry().first?.body == body)
            let record = try #require(await server.hub.connections().first)
            #expect(record.tlsVersion == "TLSv1.3")
            #expect(record.serverName == "localhost")
            #expect(record.clientCertificate == nil)
            try await client.send(.disconnect)
            #expect(await client.next() == nil)
            #expect(await server.hub.violations().isEmpty)
        }
    }

    @Test("A refused CONNECT still gets its CONNACK before the connection closes")
    func refused() async throws {
        try await LocalHubServer.withServer { server in
            let client = try await TLSClient.connect(to: server)
            #expect(try await client.connect(as: "d1", password: Array("x".utf8)) == 5)
            #expect(await client.next() == nil)
        }
    }

    @Test("Client certificates: by thumbprint, by authority, and none where one is needed")
    func certificates() async throws {
        try await LocalHubServer.withServer { server in
            let identity = try server.makeClientCertificate(commonName: "x1")
            let pem = identity.certificate.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
            let der = Array(try #require(Data(base64Encoded: pem)))
            let thumbprint = ClientCertificate.sha256(der)
            try await server.hub.putDevice(
                "s1",
                DeviceSpecification(
                    authentication: .selfSigned(primaryThumbprint: thumbprint, secondaryThumbprint: "")))
            try await server.hub.putDevice("x1", DeviceSpecification(authentication: .certificateAuthority))
            try await server.hub.putDevice("x2", DeviceSpecification(authentication: .certificateAuthority))
            let authority = try String(contentsOf: server.caFile, encoding: .utf8)
            func code(_ id: String, _ identity: (certificate: String, key: String)?) async throws -> UInt8? {
                let client = try await TLSClient.connect(to: server, identity: identity)
                defer { Task { await client.close() } }
                return try await client.connect(as: id, password: nil)
            }
            #expect(try await code("s1", identity) == 0)
            #expect(await server.hub.connections().first?.clientCertificate == thumbprint)
            #expect(try await code("s1", try server.makeClientCertificate(commonName: "x1")) == 5)
            #expect(try await code("x1", identity) == 5)
            try await server.hub.addCertificateAuthority(pem: authority)
            #expect(try await code("x1", identity) == 0)
            #expect(try await code("x2", identity) == 5)
            #expect(try await code("x1", nil) == 5)
        }
    }

    @Test(
        "Wrong certificates fail the handshake as often as asked", arguments: Fault.WrongCertificate.allCases)
    func wrongCertificate(kind: Fault.WrongCertificate) async throws {
        try await LocalHubServer.withServer { server in
            await server.hub.setFault(Fault(.wrongCertificate(kind), count: 1))
            await #expect(throws: (any Error).self) { try await TLSClient.connect(to: server) }
            let client = try await TLSClient.connect(to: server)
            #expect(try await client.connect(as: "d1", password: token) == 0)
        }
    }

    @Test("The certificate holds the names and addresses asked for beside the standing ones, and no others")
    func names() async throws {
        var configuration = LocalHubServerConfiguration()
        configuration.extraNames = ["hub.example", "127.0.0.5"]
        try await LocalHubServer.withServer(configuration) { server in
            for name in ["localhost", "hub.example"] {
                await (try TLSClient.connect(to: server, name: name)).close()
            }
            let leaf = try NIOSSLCertificate.fromPEMFile(
                server.directory.appending(path: "server.pem").path())[0]
            let names = leaf._subjectAlternativeNames()
            let hosts = names.filter { $0.nameType == .dnsName }.map {
                String(decoding: Array($0.contents), as: UTF8.self)
            }
            #expect(Set(hosts) == ["localhost", "hub.example"])
            let addresses = names.filter { $0.nameType == .ipAddress }.map { Array($0.contents) }
            let loopback6 = [UInt8](repeating: 0, count: 15) + [1]
            #expect(Set(addresses) == [[127, 0, 0, 1], loopback6, [10, 0, 2, 2], [127, 0, 0, 5]])
        }
    }

    @Test("The authority is kept between runs, its key is private, a directory of its own goes")
    func directory() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "hub-test-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        var configuration = LocalHubServerConfiguration()
        configuration.directory = directory
        var authorities: Set<String> = []
        var leaves: Set<String> = []
        for names in [[], [], ["more.example"]] {
            configuration.extraNames = names
            try await LocalHubServer.withServer(configuration) { server in
                authorities.insert(try String(contentsOf: server.caFile, encoding: .utf8))
                leaves.insert(
                    try String(contentsOf: directory.appending(path: "server.pem"), encoding: .utf8))
            }
        }
        #expect(authorities.count == 1)
        #expect(leaves.count == 2)
        let key = try FileManager.default.attributesOfItem(
            atPath: directory.appending(path: "ca-key.pem").path())
        #expect(key[.posixPermissions] as? Int == 0o600)
        var own: URL?
        try await LocalHubServer.withServer { own = $0.directory }
        #expect(!FileManager.default.fileExists(atPath: try #require(own).path()))
    }

    @Test("Bytes that are no packet close the connection, and the server goes on")
    func garbage() async throws {
        try await LocalHubServer.withServer { server in
            var random = SeededGenerator(seed: 1)
            for length in [1, 5, 50, 500, 5000] {
                let client = try await TLSClient.connect(to: server)
                let tail = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
                try await client.send([0xF0, 0x00] + tail)
                #expect(await client.next() == nil)
            }
            let kinds = await server.hub.violations().map(\.kind)
            #expect(kinds == Array(repeating: .malformedPacket, count: 5))
            let client = try await TLSClient.connect(to: server)
            #expect(try await client.connect(as: "d1", password: token) == 0)
        }
    }

    @Test("A frozen connection stays open without a word until the hub stops")
    func halfOpen() async throws {
        try await LocalHubServer.withServer { server in
            await server.hub.setFault(Fault(.halfOpen, count: 1))
            let client = try await TLSClient.connect(to: server)
            #expect(try await client.connect(as: "d1", password: token) == 0)
            try await client.send(.pingRequest)
            let second = try await TLSClient.connect(to: server)
            try await server.hub.putDevice(
                "d2", .withTestKey)
            #expect(
                try await second.connect(as: "d2", password: TestDevice.token("localhost/devices/d2")) == 0)
            #expect(await server.hub.connections().count == 2)
            await server.stop()
            #expect(await client.next() == nil)
        }
    }

    @Test("A lost network connection is noticed, and its will delivered")
    func lost() async throws {
        try await LocalHubServer.withServer { server in
            let client = try await TLSClient.connect(to: server)
            var connect = MQTTConnect(
                clientId: "d1", cleanSession: false, keepAlive: 60, userName: TestDevice.userName("d1"),
                password: token)
            connect.will = .init(topic: topic, payload: [7], qos: 1, isRetained: false)
            try await client.send(.connect(connect))
            #expect(await client.next() == .connack(sessionPresent: false, code: 0))
            var updates = server.hub.telemetryUpdates().makeAsyncIterator()
            await client.close()
            #expect(await updates.next()?.properties == ["iothub-MessageType": "Will"])
            #expect(await server.hub.wait(upTo: .seconds(20)) { $0.device("d1")?.isConnected == false })
        }
    }

    @Test("A port in use is an error, not a crash")
    func portInUse() async throws {
        try await LocalHubServer.withServer { server in
            var configuration = LocalHubServerConfiguration()
            configuration.mqttPort = server.mqttPort
            configuration.restPort = 0
            await #expect(throws: (any Error).self) { try await LocalHubServer.start(configuration) }
            configuration.mqttPort = 0
            configuration.restPort = server.restPort
            await #expect(throws: (any Error).self) { try await LocalHubServer.start(configuration) }
        }
    }
}
