// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Testing

@testable import LocalHub

@Suite("Provisioning") struct ProvisioningTests {
    private static let scope = HubConfiguration().idScope

    /// A connection to the provisioning service, subscribed to its answers.
    private func client(
        _ hub: Hub, id: String = "reg-1", key: String = TestDevice.key, scope: String = scope,
        tls: TLSDetails = TLSDetails()
    ) async throws -> TestDevice {
        let device = try await TestDevice.connect(
            to: hub, id: id, clean: true,
            change: {
                $0.userName = "\(scope)/registrations/\(id)/api-version=2019-03-31"
                $0.password =
                    tls.certificates.isEmpty
                    ? TestDevice.token("\(scope)/registrations/\(id)", key: key) : nil
            }, tls: tls)
        await device.subscribe(Filters.registrations)
        return device
    }

    private func enroll(
        _ hub: Hub, deviceId: String? = nil, isEnabled: Bool = true, behavior: ProvisioningBehavior
    ) async throws {
        // The test device of the same name is registered by the harness and must not matter.
        try await hub.putEnrollment(
            Enrollment(
                registrationId: "reg-1",
                attestation: .symmetricKey(primary: TestDevice.key, secondary: TestDevice.key),
                deviceId: deviceId, isEnabled: isEnabled, initialDesired: ["a": 1], behavior: behavior))
    }

    private func register(_ device: TestDevice, body: String? = nil) async throws -> (String, JSON) {
        let text = body ?? "{\"registrationId\":\"\(device.id)\",\"payload\":{\"modelId\":\"dtmi:x;1\"}}"
        await device.publish("$dps/registrations/PUT/iotdps-register/?$rid=r1", text)
        let answer = try #require(device.last("$dps/registrations/res/"))
        return (answer.topic, try JSON(parsing: answer.payload))
    }

    private func poll(_ device: TestDevice, _ operation: JSON) async throws -> (String, JSON) {
        let id = PercentEncoding.encode(operation["operationId"]?.string ?? "")
        await device.publish(
            "$dps/registrations/GET/iotdps-get-operationstatus/?$rid=r2&operationId=\(id)", " ")
        let answer = try #require(device.last("$dps/registrations/res/"))
        return (answer.topic, try JSON(parsing: answer.payload))
    }

    @Test("A registration is assigned after its 202 answers, to the device id and hub asked for")
    func assigned() async throws {
        let hub = Hub()
        let behavior = ProvisioningBehavior(
            pendingReplies: 2, retryAfter: 0, assignedHub: "hub.example:9", payload: ["p": true])
        try await enroll(hub, deviceId: "other", behavior: behavior)
        let device = try await client(hub)
        let (topic, accepted) = try await register(device)
        #expect(topic == "$dps/registrations/res/202/?$rid=r1&retry-after=0")
        #expect(accepted["status"] == "assigning")
        #expect(await hub.registrations().map(\.status) == [.assigning])
        let (_, waiting) = try await poll(device, accepted)
        #expect(waiting["registrationState"]?["status"] == "assigning")
        let (last, done) = try await poll(device, accepted)
        #expect(last == "$dps/registrations/res/200/?$rid=r2")
        #expect(done["status"] == "assigned")
        #expect(done["registrationState"]?["assignedHub"] == "hub.example:9")
        #expect(done["registrationState"]?["deviceId"] == "other")
        #expect(done["registrationState"]?["payload"] == ["p": true])
        let record = try #require(await hub.registrations().first)
        #expect(record.status == .assigned)
        #expect(record.deviceId == "other")
        #expect(record.payload == ["modelId": "dtmi:x;1"])
        #expect(try await hub.twin("other").desired.properties == ["a": 1])
        let keys = DeviceAuthentication.sas(primaryKey: TestDevice.key, secondaryKey: TestDevice.key)
        #expect(await hub.device("other")?.authentication == keys)
        #expect(await hub.violations().isEmpty)
    }

    @Test("Failed and disabled come as final answers")
    func failed() async throws {
        let hub = Hub()
        let behavior = ProvisioningBehavior(
            pendingReplies: 0, outcome: .failed(code: 400_209, message: "blocked"))
        try await enroll(hub, behavior: behavior)
        let (topic, failed) = try await register(try await client(hub))
        #expect(topic.hasPrefix("$dps/registrations/res/200/"))
        #expect(failed["status"] == "failed")
        #expect(failed["registrationState"]?["errorCode"] == 400_209)
        try await enroll(hub, isEnabled: false, behavior: ProvisioningBehavior(pendingReplies: 0))
        let (_, disabled) = try await register(try await client(hub))
        #expect(disabled["status"] == "disabled")
        #expect(await hub.registrations().map(\.status) == [.disabled])
    }

    @Test("A group key admits any id with the key derived for it, and for no other")
    func group() async throws {
        let hub = Hub()
        let group = EnrollmentGroup(
            id: "g", attestation: .symmetricKey(primary: TestDevice.key, secondary: TestDevice.key),
            behavior: ProvisioningBehavior(pendingReplies: 0))
        try await hub.putEnrollmentGroup(group)
        let key = try #require(
            SharedAccessSignature.deriveKey(group: TestDevice.key, registrationId: "reg-7"))
        let (_, done) = try await register(try await client(hub, id: "reg-7", key: key))
        #expect(done["registrationState"]?["symmetricKey"] == ["enrollmentGroupId": "g"])
        #expect(await hub.device("reg-7")?.authentication == .sas(primaryKey: key, secondaryKey: key))
        let (topic, _) = try await register(try await client(hub, id: "reg-8", key: key))
        #expect(topic.hasPrefix("$dps/registrations/res/401/"))
        let (groupKey, _) = try await register(try await client(hub, id: "reg-9"))
        #expect(groupKey.hasPrefix("$dps/registrations/res/401/"))
    }

    @Test("A wrong key, scope or id is refused at the registration, not at CONNECT")
    func unauthorized() async throws {
        let hub = Hub()
        try await enroll(hub, behavior: ProvisioningBehavior())
        let wrong = [
            try await client(hub, key: "AAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
            try await client(hub, scope: "0neOTHER"),
            try await client(hub, id: "unknown"),
        ]
        for device in wrong {
            #expect(device.connackCode == 0)
        }
        let (topic, error) = try await register(wrong[2])
        #expect(topic == "$dps/registrations/res/401/?$rid=r1")
        #expect(error["errorCode"] == 401_002)
        #expect(await hub.violations().isEmpty)
    }

    @Test("Certificates: by thumbprint, by authority, and refused at CONNECT for another name")
    func certificates() async throws {
        let now = Date()
        let authority = try CertificateAuthority(name: "test", at: now)
        let other = try CertificateAuthority(name: "other", at: now)
        func tls(_ authority: CertificateAuthority, _ name: String) throws -> TLSDetails {
            TLSDetails(certificates: [
                try der(try authority.clientCertificate(commonName: name, at: now).certificate)
            ])
        }
        let hub = Hub()
        let group = EnrollmentGroup(
            id: "x", attestation: .authority(pem: try authority.pair.certificate),
            behavior: ProvisioningBehavior(pendingReplies: 0))
        try await hub.putEnrollmentGroup(group)
        let (_, done) = try await register(try await client(hub, id: "c1", tls: try tls(authority, "c1")))
        #expect(done["status"] == "assigned")
        #expect(await hub.device("c1")?.authentication == .certificateAuthority)
        let (topic, _) = try await register(try await client(hub, id: "c2", tls: try tls(other, "c2")))
        #expect(topic.hasPrefix("$dps/registrations/res/401/"))
        #expect(try await client(hub, id: "c3", tls: try tls(authority, "c4")).connackCode == 5)
        let leaf = try tls(other, "c5")
        try await hub.putEnrollment(
            Enrollment(
                registrationId: "c5",
                attestation: .thumbprint(ClientCertificate.sha256(leaf.certificates[0])),
                behavior: ProvisioningBehavior(pendingReplies: 0)))
        let (_, single) = try await register(try await client(hub, id: "c5", tls: leaf))
        #expect(single["status"] == "assigned")
    }

    @Test("Requests that break a rule are violations")
    func violations() async throws {
        let hub = Hub()
        try await enroll(hub, behavior: ProvisioningBehavior(pendingReplies: 2, retryAfter: 60))
        let device = try await client(hub)
        #expect(try await register(device, body: "{\"registrationId\":\"x\"}").0.contains("/400/"))
        let (_, accepted) = try await register(device)
        _ = try await poll(device, accepted)
        #expect(try await poll(device, ["operationId": "nope"]).0.contains("/404/"))
        await device.publish("$dps/registrations/PUT/other/?$rid=1", "")
        #expect(device.sink.isClosed)
        #expect(await hub.violations().map(\.kind) == [.provisioning, .provisioning, .provisioning, .topic])
    }

    @Test("Enrollments are checked, listed and deleted")
    func management() async throws {
        let hub = Hub()
        for id in ["", "-a", "a_", "a b", "ü"] {
            await #expect(throws: HubFailure.self) {
                try await hub.putEnrollment(
                    Enrollment(
                        registrationId: id, attestation: .thumbprint(String(repeating: "A", count: 40))))
            }
        }
        for attestation in [
            Attestation.symmetricKey(primary: "x", secondary: ""), .thumbprint("12"), .authority(pem: "x"),
        ] {
            await #expect(throws: HubFailure.self) {
                try await hub.putEnrollmentGroup(EnrollmentGroup(id: "g", attestation: attestation))
            }
        }
        try await enroll(hub, behavior: ProvisioningBehavior())
        #expect(await hub.enrollments().map(\.registrationId) == ["reg-1"])
        try await hub.deleteEnrollment("REG-1")
        await #expect(throws: HubFailure.enrollmentNotFound("reg-1")) {
            try await hub.deleteEnrollment("reg-1")
        }
        await #expect(throws: HubFailure.self) { try await hub.deleteEnrollmentGroup("g") }
    }

    private func der(_ pem: String) throws -> [UInt8] {
        let body = pem.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
        return Array(try #require(Data(base64Encoded: body)))
    }
}
