// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub
import Testing

@Suite("The device's certificate, program against hub", .timeLimit(.minutes(10)))
struct CertificateTests {
    private func expectTelemetry(_ id: String, _ agent: AgentProcess, _ rig: Rig) async throws {
        await rig.expect("telemetry", of: agent) { $0.telemetry().contains { $0.deviceId == id } }
        let connection = try #require(await rig.hub.connections().first)
        #expect(connection.clientCertificate != nil)
        await rig.stop(agent)
        #expect(!agent.output.contains(TestCertificate.passPhrase))
    }

    /// Variables for a registration by certificate.
    private func provisioning(_ rig: Rig, _ certificate: TestCertificate) -> [String: String] {
        rig.provisioning(certificate.name, key: "").merging(certificate.environment) { $1 }
    }

    private func device(_ id: String, _ certificate: TestCertificate, _ rig: Rig) async throws -> [String:
        String]
    {
        let print = try await certificate.thumbprint
        try await rig.hub.putDevice(
            id,
            DeviceSpecification(
                authentication: .selfSigned(primaryThumbprint: print, secondaryThumbprint: print)))
        return [
            "IOTHUB_DEVICE_SECURITY_TYPE": "connectionString",
            "IOTHUB_DEVICE_CONNECTION_STRING": "HostName=\(rig.host);DeviceId=\(id);x509=true",
        ].merging(certificate.environment) { $1 }
    }

    @Test("An individual enrollment leads to a hub that takes the certificate too")
    func individual() async throws {
        try await Rig.with { rig in
            let certificate = try await TestCertificate.selfSigned("x1", in: rig.folder)
            try await rig.hub.putEnrollment(
                Enrollment(registrationId: "x1", attestation: .thumbprint(try await certificate.thumbprint)))
            let agent = try rig.start(provisioning(rig, certificate))
            try await expectTelemetry("x1", agent, rig)
            #expect(!agent.output.contains("Renewing"))
            #expect(!agent.output.contains("expires"))
        }
    }

    @Test("A group's certificate with its intermediate in one file is taken")
    func chain() async throws {
        try await Rig.with { rig in
            let root = try await TestCertificate.selfSigned("root", in: rig.folder, isAuthority: true)
            let factory = try await root.signed("factory", isAuthority: true)
            let certificate = try await factory.signed("x2")
            try certificate.append(factory)
            try await rig.hub.putEnrollmentGroup(
                EnrollmentGroup(id: "g", attestation: .authority(pem: try root.pem)))
            let agent = try rig.start(provisioning(rig, certificate))
            try await expectTelemetry("x2", agent, rig)
        }
    }

    @Test("A connection string with x509=true and an encrypted key reach the hub directly")
    func direct() async throws {
        try await Rig.with { rig in
            let certificate = try await TestCertificate.selfSigned("x3", in: rig.folder)
            let variables = try await device("x3", certificate, rig)
            try await certificate.encryptKey()
            let agent = try rig.start(
                variables.merging(["IOTHUB_DEVICE_X509_PASS_PHRASE": TestCertificate.passPhrase]) { $1 })
            try await expectTelemetry("x3", agent, rig)
        }
    }

    @Test("A certificate that the hub does not know is refused, said, and tried again")
    func unknown() async throws {
        try await Rig.with(allowing: Set(Violation.Kind.allCases)) { rig in
            let known = try await TestCertificate.selfSigned("x4", in: rig.folder)
            let other = try await TestCertificate.selfSigned("other", in: rig.folder)
            let variables = try await device("x4", known, rig).merging(other.environment) { $1 }
            let agent = try rig.start(variables)
            let line = await agent.line(with: "refused the credentials")
            #expect(line?.contains("wrong key or certificate") == true, "\(agent.output)")
            #expect(line?.contains("Next attempt") == true)
            await rig.stop(agent)
        }
    }

    @Test("A certificate near its end is warned about while all goes on")
    func nearEnd() async throws {
        try await Rig.with { rig in
            let certificate = try await TestCertificate.selfSigned("x6", in: rig.folder, days: 12)
            let agent = try rig.start(try await device("x6", certificate, rig))
            #expect(await agent.line(with: "certificate expires in 11 days") != nil, "\(agent.output)")
            let (status, lines) = try await AgentProcess(asking: agent.runtime, ["status"]).result()
            #expect(
                status == 0
                    && lines.contains { $0.hasPrefix("cert    The device's certificate expires") },
                "\(lines)")
            try await expectTelemetry("x6", agent, rig)
        }
    }

    @Test("An expired certificate fails the check, while the agent says so and goes on controlling")
    func expired() async throws {
        try await Rig.with(allowing: Set(Violation.Kind.allCases)) { rig in
            let certificate = try await TestCertificate.selfSigned("x5", in: rig.folder, days: -1)
            let variables = try await device("x5", certificate, rig)
            let check = await (try rig.start(variables, ["check", "--board", "raspberry-pi-4"])).result()
            #expect(check.status == 78)
            #expect(check.lines.contains { $0.contains("certificate expired on") }, "\(check.lines)")
            let agent = try rig.start(variables)
            #expect(await agent.line(with: "certificate expired on") != nil, "\(agent.output)")
            await rig.stop(agent)
        }
    }
}

@Suite("What is wrong with a certificate, said at the start and by check", .timeLimit(.minutes(10)))
struct WrongCertificateTests {
    /// Runs `run` and `check`, which have to end with 78 and say the same.
    private func expectRefusal(
        _ words: [String], _ environment: [String: String], registration: String = "x",
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let folder = try TemporaryFolder()
        let surroundings = [
            "STATE_DIRECTORY": folder.url.path, "XDG_CONFIG_HOME": folder.url.path,
            "IOTHUB_DEVICE_DPS_ID_SCOPE": "0ne1", "IOTHUB_DEVICE_DPS_DEVICE_ID": registration,
        ]
        for arguments in [["run", "--simulate"], ["check", "--board", "raspberry-pi-4"]] {
            let agent = try AgentProcess(arguments, environment: surroundings.merging(environment) { $1 })
            let (status, lines) = await agent.result()
            let text = lines.joined(separator: "\n")
            #expect(status == 78, "\(text)", sourceLocation: sourceLocation)
            for word in words { #expect(text.contains(word), "\(text)", sourceLocation: sourceLocation) }
            #expect(!text.contains(TestCertificate.passPhrase), sourceLocation: sourceLocation)
            #expect(!text.contains("wrong-phrase-7"), sourceLocation: sourceLocation)
        }
    }

    @Test("A key of another certificate, no certificate and no file") func files() async throws {
        let folder = try TemporaryFolder()
        let certificate = try await TestCertificate.selfSigned("x", in: folder)
        let other = try await TestCertificate.selfSigned("other", in: folder)
        try await expectRefusal(
            ["hub.certificate-key-file", other.keyFile, "does not belong to the certificate"],
            certificate.environment.merging(["IOTHUB_DEVICE_X509_KEY": other.keyFile]) { $1 })
        try await expectRefusal(
            ["hub.certificate-file", "no certificate in PEM form"],
            certificate.environment.merging(["IOTHUB_DEVICE_X509_CERT": other.keyFile]) { $1 })
        try await expectRefusal(
            ["hub.certificate-file", "there is no such file"],
            certificate.environment.merging(["IOTHUB_DEVICE_X509_CERT": "/nowhere"]) { $1 })
    }

    @Test("An encrypted key without its pass phrase, and with a wrong one") func passPhrase() async throws {
        let certificate = try await TestCertificate.selfSigned("x", in: try TemporaryFolder())
        try await certificate.encryptKey()
        try await expectRefusal(
            ["hub.certificate-pass-phrase", "no pass phrase for it"], certificate.environment)
        try await expectRefusal(
            ["hub.certificate-pass-phrase", "does not open it"],
            certificate.environment.merging(["IOTHUB_DEVICE_X509_PASS_PHRASE": "wrong-phrase-7"]) { $1 })
    }

    @Test("A key that others may read, with the command to type") func permissions() async throws {
        let certificate = try await TestCertificate.selfSigned("x", in: try TemporaryFolder())
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644], ofItemAtPath: certificate.keyFile)
        try await expectRefusal(
            ["hub.certificate-key-file", "mode 0644", "Type: chmod go= \(certificate.keyFile)"],
            certificate.environment)
    }

    @Test("A registration id that is not the certificate's name") func name() async throws {
        let certificate = try await TestCertificate.selfSigned("x", in: try TemporaryFolder())
        try await expectRefusal(
            ["hub.dps.registration-id", "The certificate is for \"x\""], certificate.environment,
            registration: "y")
    }
}
