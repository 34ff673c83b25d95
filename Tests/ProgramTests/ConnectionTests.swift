// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub
import Testing

@Suite("Connection life, program against hub", .timeLimit(.minutes(10)))
struct ConnectionTests {
    @Test("A connection string with a port works, and the connection is as the service wants it")
    func connectionString() async throws {
        try await Rig.with { rig in
            let agent = try rig.start(rig.connectionString)
            await rig.expect("telemetry", of: agent) { !$0.telemetry().isEmpty }
            let connection = try #require(await rig.hub.connections().first)
            #expect(connection.modelId == Rig.model)
            #expect(connection.apiVersion?.isEmpty == false)
            #expect(
                connection.tlsVersion?.contains("1.2") == true
                    || connection.tlsVersion?.contains("1.3") == true)
            #expect(connection.serverName == "localhost")
            #expect(connection.keepAlive == 60)
            #expect(connection.subscriptions.keys.contains("$iothub/methods/POST/#"))
            await rig.stop(agent)
            await rig.expect("an orderly end", of: agent) {
                $0.endedConnections().last?.closeReason?.lowercased().contains("disconnect") == true
            }
        }
    }

    @Test("A gateway is dialled while user name and token keep the hub's name") func gateway() async throws {
        try await Rig.with { rig in
            await rig.hub.configure { $0.hostNames.append("contoso.azure-devices.net") }
            let text =
                "HostName=contoso.azure-devices.net;DeviceId=d1;SharedAccessKey=\(rig.deviceKey);GatewayHostName=\(rig.host)"
            let agent = try rig.start([
                "IOTHUB_DEVICE_SECURITY_TYPE": "connectionString", "IOTHUB_DEVICE_CONNECTION_STRING": text,
            ])
            await rig.expect("telemetry", of: agent) { !$0.telemetry().isEmpty }
            #expect(
                await rig.hub.connections().first?.userName?.hasPrefix("contoso.azure-devices.net/d1/")
                    == true)
            await rig.stop(agent)
        }
    }

    @Test("A cut connection comes back, subscribes again, and no sample is lost")
    func cut() async throws {
        try await Rig.with { rig in
            let agent = try rig.start(rig.connectionString)
            await rig.expect("telemetry", of: agent) { $0.telemetry().count >= 3 }
            for round in 1...3 {
                let before = await rig.hub.telemetry().count
                await rig.hub.dropConnections()
                await rig.hub.forgetSessions()
                await rig.expect("telemetry after cut \(round)", of: agent) {
                    $0.telemetry().count >= before + 4
                }
            }
            #expect(try await rig.call("reboot", 1).status == 202)
            await rig.stop(agent)
        }
    }

    @Test("A first connection that is refused, dropped or silent is tried again until it works")
    func firstConnection() async throws {
        try await Rig.with { rig in
            await rig.hub.setFault(Fault(.refuseConnect(code: 3), count: 2))
            await rig.hub.setFault(Fault(.dropAfterConnect, count: 1))
            let agent = try rig.start(rig.connectionString)
            await rig.expect("telemetry in the end", of: agent, within: .seconds(180)) {
                !$0.telemetry().isEmpty
            }
            await rig.stop(agent)
        }
    }

    @Test(
        "A certificate of another authority, for another name or expired is never accepted, and said",
        arguments: [
            Fault.WrongCertificate.authority, .hostName, .expired,
        ])
    func certificate(kind: Fault.WrongCertificate) async throws {
        try await Rig.with(allowing: Set(Violation.Kind.allCases)) { rig in
            await rig.hub.setFault(Fault(.wrongCertificate(kind)))
            let agent = try rig.start(rig.connectionString)
            #expect(await agent.line(with: "ertificate") != nil, "\(agent.output)")
            #expect(await rig.hub.connections().allSatisfy { $0.userName == nil })
            await rig.stop(agent)
        }
    }

    @Test("A token that ends early is renewed, and telemetry goes on") func tokenCutShort() async throws {
        try await Rig.with { rig in
            await rig.hub.setFault(Fault(.tokenCutShort(.seconds(2)), count: 2))
            let agent = try rig.start(rig.connectionString)
            await rig.expect("three connections", of: agent, within: .seconds(180)) { hub in
                hub.endedConnections().count >= 2 && hub.telemetry().count >= 8
            }
            await rig.stop(agent)
        }
    }

    @Test("A cloud-to-device message is acknowledged and told, without its content") func cloudMessage()
        async throws
    {
        try await Rig.with { rig in
            let agent = try rig.start(rig.connectionString)
            await rig.expect("telemetry", of: agent) { !$0.telemetry().isEmpty }
            try await rig.hub.sendToDevice(
                "d1",
                CloudToDeviceMessage(
                    messageId: "order-66", properties: ["kind": "private"],
                    body: Array("nobody's business".utf8)))
            let line = await agent.line(with: "cloud-to-device")
            #expect(
                line?.contains("order-66 of 17 bytes with the properties kind") == true,
                "\(line ?? "no line")")
            await rig.expect("an empty queue", of: agent) { $0.device("d1")?.queuedMessages == 0 }
            await rig.stop(agent)
            #expect(!agent.output.contains("nobody's business"))
        }
    }

    @Test("Ten planned renewals under load lose no sample") func renewals() async throws {
        try await Rig.with { rig in
            let agent = try rig.start(
                rig.connectionString,
                ["run", "--simulate", "--set", "telemetry.interval=1s", "--set", "hub.token-lifetime=5s"])
            await rig.expect("ten connections", of: agent, within: .seconds(120)) {
                $0.endedConnections().count >= 10
            }
            // By their numbers: how many there are in a second is the machine's affair, and so is whether a renewal that
            // came too late has one of them wait.
            await rig.expectMore(3, of: agent)
            await rig.stop(agent)
        }
    }
}
