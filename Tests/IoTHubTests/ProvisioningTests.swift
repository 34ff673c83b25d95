// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Secrets
import TestClocks
import Testing

@testable import IoTHub

@Suite(.timeLimit(.minutes(10))) struct ProvisioningTests {
    private static let groupKey =
        "8isrFI1sGsIlvvFSSFRiMfCNzv21fjbE/+ah/lSh3lF8e2YG1Te7w1KpZhJFFXJrqYKi9yegxkqIChbqOS9Egw=="

    private static func identity(_ credential: ProvisioningSettings.Credential? = nil) throws -> HubIdentity {
        .provisioning(
            try ProvisioningSettings(
                endpoint: HostAddress(parsing: "dps.example:18883"), idScope: "0ne00ABCDEF",
                registrationID: "reg-1",
                credential: credential ?? .deviceKey(Secret(ClientHarness.key))))
    }

    private static func assigning(_ retryAfter: Int?) -> FakeHub.RegistrationReply {
        .init(status: 202, retryAfter: retryAfter, body: #"{"operationId":"4.op/1","status":"assigning"}"#)
    }

    private static let assigned = FakeHub.RegistrationReply(
        status: 200, retryAfter: nil,
        body:
            #"{"operationId":"4.op/1","status":"assigned","registrationState":{"assignedHub":"localhost:18884","#
            + #""deviceId":"dev-7","status":"assigned"}}"#)

    @Test("With a certificate there is no password, at DPS and hub, and nothing to renew")
    func certificate() async throws {
        let certificate = ClientCertificate(certificateFile: "c.pem", keyFile: "k.pem")
        let harness = try ClientHarness(Self.identity(.certificate(certificate)))
        await harness.hub.configure { $0.registrationScript = [Self.assigned] }
        try await harness.run { reader in
            try await reader.state(.online)
            #expect(await harness.client.session.renewAt == nil)
        }
        let connects = await harness.hub.connects
        #expect(connects.map(\.password) == [nil, nil])
        #expect(connects.map(\.certificate) == [certificate, certificate])
        #expect(
            connects[0].userName
                == "0ne00ABCDEF/registrations/reg-1/api-version=2019-03-31&ClientVersion=tests%2F1")
        #expect(connects[1].userName.hasPrefix("localhost:18884/dev-7/?api-version="))
    }

    @Test("A connection string with x509=true goes with the configured certificate, through the proxy")
    func certificateConnectionString() async throws {
        let certificate = ClientCertificate(certificateFile: "c.pem", keyFile: "k.pem")
        let proxy = SOCKSProxy(host: "proxy.example", user: "u", password: Secret("pw-of-the-proxy"))
        let parts = try ConnectionString(
            parsing: Secret("HostName=hub.example;DeviceId=d1;x509=true"), certificate: certificate)
        #expect(parts.description == "HostName=hub.example;DeviceId=d1;x509=true")
        let harness = try ClientHarness(.connectionString(parts)) { $0.proxy = proxy }
        try await harness.run { reader in try await reader.state(.online) }
        let connect = try #require(await harness.hub.connects.first)
        #expect(connect.password == nil)
        #expect(connect.certificate == certificate)
        #expect(connect.proxy == proxy)
        #expect(connect.userName.hasPrefix("hub.example/d1/?api-version="))
    }

    @Test("It registers, polls when told, and connects to the assigned hub under the assigned name")
    func assignment() async throws {
        let harness = try ClientHarness(Self.identity())
        await harness.hub.configure {
            $0.registrationScript = [
                Self.assigning(5), Self.assigning(nil), Self.assigning(0), Self.assigned,
            ]
        }
        try await harness.run { reader in
            try await reader.state(.provisioning)
            for count in 2...4 {
                await harness.step()
                await harness.hub.wait { $0.messages(to: "$dps/").count == count }
            }
            try await reader.state(.online)
            #expect(harness.time.elapsed == .seconds(5 + 3 + 1))
            let status = await harness.client.status
            #expect((status.hub, status.deviceID) == ("localhost:18884", "dev-7"))
        }
        let connects = await harness.hub.connects
        #expect(connects.map(\.host) == ["dps.example", "localhost"])
        #expect(connects.map(\.port) == [18883, 18884])
        #expect(connects.map(\.clientID) == ["reg-1", "dev-7"])
        #expect(connects.map(\.cleanSession) == [true, false])
        #expect(
            connects[0].userName
                == "0ne00ABCDEF/registrations/reg-1/api-version=2019-03-31&ClientVersion=tests%2F1")
        #expect(connects[0].password?.reveal().hasSuffix("&skn=registration") == true)
        #expect(connects[1].userName.hasPrefix("localhost:18884/dev-7/?api-version="))
        let asked = await harness.hub.messages(to: "$dps/")
        #expect(
            asked[0].text
                == #"{"payload":{"modelId":"dtmi:com:example:TemperatureController;2"},"registrationId":"reg-1"}"#
        )
        #expect(asked[1].topic.hasSuffix("&operationId=4.op%2F1"))
        #expect(await harness.hub.subscriptions.first == ["$dps/registrations/res/#"])
    }

    @Test("With a group key the derived key signs both tokens")
    func groupKey() async throws {
        let settings = try ProvisioningSettings(
            idScope: "0ne00ABCDEF", registrationID: "sn-007-888-abc-mac-a1-b2-c3-d4-e5-f6",
            credential: .groupKey(Secret(Self.groupKey)))
        #expect(try settings.deviceKey()?.reveal() == "Jsm0lyGpjaVYVP2g3FnmnmG9dI/9qU24wNoykUmermc=")
        let harness = try ClientHarness(.provisioning(settings))
        await harness.hub.configure { $0.registrationScript = [Self.assigned] }
        try await harness.run { reader in
            try await reader.state(.online)
            await harness.expectNoSecret(in: harness.lines.all)
        }
        let connects = await harness.hub.connects
        #expect(connects[0].host == "global.azure-devices-provisioning.net")
        let key = try #require(try settings.deviceKey())
        let expiry = try #require(
            connects[1].password?.reveal().split(separator: "&se=").last.flatMap { Int64($0) })
        let expected = try SharedAccessSignature.token(
            resourceURI: "localhost:18884/devices/dev-7", key: key, expiry: expiry, keyName: nil)
        #expect(connects[1].password == expected)
    }

    @Test(
        "Every refusal says what to do next and is repeated slowly",
        arguments: [
            (
                401, #"{"errorCode":401002,"trackingId":"t","message":"Unauthorized"}"#,
                "device or a group key"
            ),
            (404, #"{"errorCode":404204}"#, "does not know the id scope"), (400, "", "model id"),
            (403, "", "forbids"), (409, "", "conflicting"), (415, "", "address"), (418, "", "418"),
            (200, "nonsense", "cannot be read"), (200, #"{"status":"odd"}"#, "unknown status \"odd\""),
            (
                200, #"{"status":"failed","registrationState":{"errorCode":400208,"errorMessage":"none"}}"#,
                "link one"
            ),
            (200, #"{"status":"failed","registrationState":{"errorCode":400209}}"#, "approve"),
            (200, #"{"status":"failed"}"#, "check the enrollment"),
            (200, #"{"status":"disabled"}"#, "enable it"), (200, #"{"status":"blacklisted"}"#, "enable it"),
            (200, #"{"status":"unassigned"}"#, "allocation policy"),
            (200, #"{"status":"assigned","registrationState":{}}"#, "no hub or device id"),
            (
                200, #"{"status":"assigned","registrationState":{"assignedHub":"a/b","deviceId":"d"}}"#,
                "cannot be used"
            ),
        ])
    func refusals(status: Int, body: String, expected: String) async throws {
        let harness = try ClientHarness(Self.identity())
        await harness.hub.configure {
            $0.registrationScript = [.init(status: status, retryAfter: nil, body: body), Self.assigned]
        }
        try await harness.run { reader in
            let reason = try await reader.state(.offline)
            #expect(reason.contains(expected), "\(reason)")
            #expect(harness.lines.all.contains { $0.hasPrefix("error:") && $0.contains(expected) })
            await harness.step()
            #expect((.seconds(30) ... .seconds(60)).contains(harness.time.elapsed))
            try await reader.state(.online)
        }
    }

    @Test("Throttling and failures of the service repeat the same step after at least the wait it asks for")
    func busy() async throws {
        let harness = try ClientHarness(Self.identity())
        await harness.hub.configure {
            $0.registrationScript = [
                .init(status: 429, retryAfter: 10, body: ""), Self.assigning(1),
                .init(status: 503, retryAfter: nil, body: "{}"), Self.assigned,
            ]
        }
        try await harness.run { reader in
            try await reader.state(.provisioning)
            for count in 2...4 {
                await harness.step()
                await harness.hub.wait { $0.messages(to: "$dps/").count == count }
            }
            try await reader.state(.online)
        }
        let topics = await harness.hub.messages(to: "$dps/").map(\.topic)
        #expect(topics.map { $0.contains("iotdps-register") } == [true, true, false, false])
        #expect((.seconds(13) ... .seconds(15)).contains(harness.time.elapsed))
    }

    @Test("Silence ends the attempt, and the next one begins from the start")
    func silence() async throws {
        let harness = try ClientHarness(Self.identity())
        try await harness.run { reader in
            try await reader.state(.provisioning)
            await harness.hub.wait { $0.messages(to: "$dps/").count == 1 }
            await harness.step()
            #expect(try await reader.state(.offline).contains("did not answer within 30 s"))
            await harness.hub.configure { $0.registrationScript = [Self.assigned] }
            await harness.step()
            try await reader.state(.online)
        }
    }

    @Test("A pause beyond the limit of the attempt is kept, on a new connection")
    func longPause() async throws {
        let harness = try ClientHarness(Self.identity())
        await harness.hub.configure { $0.registrationScript = [Self.assigning(1_000), Self.assigned] }
        try await harness.run { reader in
            #expect(try await reader.state(.offline).contains("pause of 300 s"))
            await harness.step()
            #expect(harness.time.elapsed == .seconds(300))
            try await reader.state(.online)
        }
    }

    @Test("A hub that refuses a fresh token too makes it register again")
    func refusedByHub() async throws {
        let harness = try ClientHarness(Self.identity())
        await harness.hub.configure {
            $0.registrationScript = [Self.assigned, Self.assigned]
            $0.connectScript = [
                .accept, .fail(.refused(returnCode: 5)), .fail(.refused(returnCode: 5)), .accept, .accept,
            ]
        }
        try await harness.run { reader in
            for _ in 0..<2 {
                try await reader.state(.offline)
                await harness.step()
            }
            try await reader.state(.provisioning)
            try await reader.state(.online)
        }
        #expect(
            await harness.hub.connects.map(\.host) == [
                "dps.example", "localhost", "localhost", "dps.example", "localhost",
            ])
    }

    @Test("Ten failures of the assigned hub make it register again")
    func unreachableHub() async throws {
        let harness = try ClientHarness(Self.identity())
        await harness.hub.configure {
            $0.registrationScript = [Self.assigned, Self.assigned]
            $0.connectScript = [.accept] + Array(repeating: .fail(.unreachable), count: 10)
        }
        try await harness.run { reader in
            for _ in 0..<10 {
                try await reader.state(.offline)
                await harness.step()
            }
            try await reader.state(.online)
        }
        #expect(await harness.hub.connects.filter { $0.host == "dps.example" }.count == 2)
    }
}
