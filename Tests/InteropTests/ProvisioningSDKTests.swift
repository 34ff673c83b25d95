// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub
import Testing

/// Microsoft's provisioning client with symmetric keys.
@Suite(
    "Provisioning SDK against the local hub",
    .needsPythonEnvironment,
    .timeLimit(.minutes(10)))
struct ProvisioningSDKTests {
    private static let key = Data((0..<64).map { UInt8($0) }).base64EncodedString()

    private func request(_ hub: InteropHub, _ registration: String, key: String) -> [String: JSON] {
        [
            "host": .string(hub.host), "scope": .string(hub.idScope), "registration": .string(registration),
            "symmetric_key": .string(key), "payload": ["modelId": .string(InteropHub.model)],
        ]
    }

    @Test("An individual enrollment is assigned and the assigned hub takes the same key")
    func individual() async throws {
        try await InteropHub.with { hub in
            try await hub.hub.putEnrollment(
                Enrollment(
                    registrationId: "reg-1",
                    attestation: .symmetricKey(primary: Self.key, secondary: Self.key),
                    deviceId: "device-of-reg-1", behavior: ProvisioningBehavior(pendingReplies: 2)))
            try await hub.withDevice { device in
                let result = try await device.call("register", request(hub, "reg-1", key: Self.key))
                #expect(
                    result == ["status": "assigned", "hub": .string(hub.host), "device": "device-of-reg-1"])
                try await device.call("connect")
                try await device.call("send", ["body": "hello"])
                #expect(await hub.hub.telemetry().first?.deviceId == "device-of-reg-1")
            }
        }
    }

    @Test("A key derived from the group's is assigned under the registration id")
    func group() async throws {
        try await InteropHub.with { hub in
            try await hub.hub.putEnrollmentGroup(
                EnrollmentGroup(id: "g", attestation: .symmetricKey(primary: Self.key, secondary: Self.key)))
            let derived = try #require(
                SharedAccessSignature.deriveKey(group: Self.key, registrationId: "reg-7"))
            try await hub.withDevice { device in
                let result = try await device.call("register", request(hub, "reg-7", key: derived))
                #expect(result == ["status": "assigned", "hub": .string(hub.host), "device": "reg-7"])
                try await device.call("connect")
                #expect(await hub.hub.device("reg-7")?.isConnected == true)
            }
        }
    }

    @Test("Failed and disabled end the registration, each by its name")
    func notAssigned() async throws {
        try await InteropHub.with { hub in
            for (id, outcome, words) in [
                (
                    "failed", ProvisioningBehavior.Outcome.failed(code: 400_209, message: "blocked"),
                    "failed registration status"
                ),
                ("disabled", .disabled, "registration status disabled"),
            ] {
                try await hub.hub.putEnrollment(
                    Enrollment(
                        registrationId: id,
                        attestation: .symmetricKey(primary: Self.key, secondary: Self.key),
                        behavior: ProvisioningBehavior(outcome: outcome)))
                try await hub.withDevice { device in
                    let failure = try await #require(throws: PythonFailure.self) {
                        try await device.call("register", request(hub, id, key: Self.key))
                    }
                    guard case .raised(_, let message) = failure else { throw failure }
                    #expect(message.contains(words), "\(message)")
                }
            }
        }
    }

    @Test("A wrong key and an unknown registration are refused with 401")
    func refused() async throws {
        try await InteropHub.with(allowsViolations: true) { hub in
            try await hub.hub.putEnrollment(
                Enrollment(
                    registrationId: "reg-1",
                    attestation: .symmetricKey(primary: Self.key, secondary: Self.key)))
            let other = Data(repeating: 9, count: 32).base64EncodedString()
            for (id, key) in [("reg-1", other), ("reg-2", Self.key)] {
                try await hub.withDevice { device in
                    let failure = try await #require(throws: PythonFailure.self) {
                        try await device.call("register", request(hub, id, key: key))
                    }
                    guard case .raised(_, let message) = failure else { throw failure }
                    #expect(message.contains("401"), "\(message)")
                }
            }
        }
    }
}
