// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub
import Testing

@Suite("A SOCKS5 proxy, program against hub", .timeLimit(.minutes(10)))
struct ProxyTests {
    private static let password = "swordfish-of-the-tests"

    private func start(
        _ rig: Rig, _ variables: [String: String], through port: UInt16, _ settings: [String] = []
    ) throws -> AgentProcess {
        let proxy = ["hub.proxy=socks5h://localhost:\(port)"] + settings
        let arguments = ["run", "--simulate", "--set", "telemetry.interval=1s"]
        return try rig.start(variables, arguments + proxy.flatMap { ["--set", $0] })
    }

    @Test("Everything goes through the proxy, and the proxy gets the name")
    func open() async throws {
        try await Rig.with { rig in
            let proxy = try SOCKSServer()
            let agent = try start(rig, rig.connectionString, through: proxy.port)
            await rig.expect("telemetry", of: agent) { $0.telemetry().count >= 3 }
            // A busy machine may take more than one attempt.
            let before = proxy.targets
            #expect(Set(before) == [rig.host])
            let ended = await rig.hub.endedConnections().count
            await rig.hub.dropConnections()
            await rig.expect("a connection again", of: agent) {
                $0.endedConnections().count > ended && $0.connections().count == 1
            }
            #expect(proxy.targets.count > before.count && Set(proxy.targets) == [rig.host])
            await rig.stop(agent)
        }
    }

    @Test("Provisioning by certificate with an encrypted key works behind a log-in")
    func logIn() async throws {
        try await Rig.with { rig in
            let certificate = try await TestCertificate.selfSigned("x1", in: rig.folder)
            try await rig.hub.putEnrollment(
                Enrollment(registrationId: "x1", attestation: .thumbprint(try await certificate.thumbprint)))
            try await certificate.encryptKey()
            let proxy = try SOCKSServer(.demands(user: "board", password: Self.password))
            let variables = rig.provisioning("x1", key: "").merging(certificate.environment) { $1 }
                .merging([
                    "IOTHUB_DEVICE_X509_PASS_PHRASE": TestCertificate.passPhrase,
                    "SENSOR_AGENT_HUB_PROXY_PASSWORD": Self.password,
                ]) { $1 }
            let agent = try start(rig, variables, through: proxy.port, ["hub.proxy-user=board"])
            await rig.expect("telemetry", of: agent) { $0.telemetry().contains { $0.deviceId == "x1" } }
            #expect(proxy.targets.count >= 2 && Set(proxy.targets) == [rig.host], "to DPS and to the hub")
            await rig.stop(agent)
            #expect(!agent.output.contains(Self.password))
            #expect(!agent.output.contains(TestCertificate.passPhrase))
        }
    }

    @Test("A log-in that is missing or wrong is said, without the password")
    func wrongLogIn() async throws {
        try await Rig.with { rig in
            let proxy = try SOCKSServer(.demands(user: "board", password: Self.password))
            let without = try start(rig, rig.connectionString, through: proxy.port)
            #expect(await without.line(with: "check hub.proxy-user") != nil, "\(without.output)")
            await rig.stop(without)
            let wrong = rig.connectionString.merging(["SENSOR_AGENT_HUB_PROXY_PASSWORD": "wrong-one-7"]) {
                $1
            }
            let agent = try start(rig, wrong, through: proxy.port, ["hub.proxy-user=board"])
            #expect(await agent.line(with: "hub.proxy-user and its password") != nil, "\(agent.output)")
            await rig.stop(agent)
            #expect(!agent.output.contains("wrong-one-7"))
            #expect(proxy.targets.isEmpty)
        }
    }

    @Test(
        "A proxy that refuses the way is named with what it refused",
        arguments: [(2, "the proxy's rules"), (5, "cannot reach"), (1, "did not open the way")])
    func refusal(code: UInt8, words: String) async throws {
        try await Rig.with { rig in
            let proxy = try SOCKSServer(.refuses(code: code))
            let agent = try start(rig, rig.connectionString, through: proxy.port)
            let line = await agent.line(with: words)
            #expect(line?.contains("localhost:\(proxy.port)") == true, "\(agent.output)")
            await rig.stop(agent)
        }
    }

    @Test("Where nobody listens as the proxy, the proxy is named, not the hub") func absent() async throws {
        try await Rig.with { rig in
            let agent = try start(rig, rig.connectionString, through: 1)
            #expect(
                await agent.line(with: "TCP connection to the proxy localhost:1") != nil, "\(agent.output)"
            )
            await rig.stop(agent)
            #expect(await rig.hub.connections().isEmpty)
        }
    }
}
