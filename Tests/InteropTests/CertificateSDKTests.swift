// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub
import Testing

/// Microsoft's device SDK with client certificates.
@Suite(
    "Certificates of the device SDK against the local hub",
    .needsPythonEnvironment,
    .timeLimit(.minutes(10)))
struct CertificateSDKTests {
    private func files(_ certificate: ClientCertificate) -> [String: JSON] {
        ["certificate": .string(certificate.certificateFile.path), "key": .string(certificate.keyFile.path)]
    }

    @Test("A device with a registered thumbprint connects and sends")
    func hubThumbprint() async throws {
        try await InteropHub.with { hub in
            let certificate = try ClientCertificate.selfSigned("x1", in: hub.directory)
            let print = certificate.thumbprint
            _ = try await hub.hub.putDevice(
                "x1",
                DeviceSpecification(
                    authentication: .selfSigned(primaryThumbprint: print, secondaryThumbprint: print)))
            try await hub.withDevice { device in
                try await device.call(
                    "by_certificate",
                    files(certificate).merging(["host": .string(hub.host), "device": "x1"]) { $1 })
                try await device.call("connect")
                try await device.call("send", ["body": "by certificate"])
                #expect(await hub.hub.telemetry().first?.deviceId == "x1")
                #expect(await hub.hub.connections().first?.clientCertificate != nil)
            }
        }
    }

    @Test("A device with another certificate than the registered one is refused")
    func hubWrongThumbprint() async throws {
        try await InteropHub.with(allowsViolations: true) { hub in
            let certificate = try ClientCertificate.selfSigned("x1", in: hub.directory)
            let print = String(repeating: "0", count: 64)
            _ = try await hub.hub.putDevice(
                "x1",
                DeviceSpecification(
                    authentication: .selfSigned(primaryThumbprint: print, secondaryThumbprint: print)))
            try await hub.withDevice { device in
                try await device.call(
                    "by_certificate",
                    files(certificate).merging(["host": .string(hub.host), "device": "x1"]) { $1 })
                await #expect(throws: PythonFailure.self) { try await device.call("connect") }
            }
        }
    }

    @Test("Provisioning by an individual certificate leads to a hub that takes it too")
    func provisioningIndividual() async throws {
        try await InteropHub.with { hub in
            let certificate = try ClientCertificate.selfSigned("x2", in: hub.directory)
            try await hub.hub.putEnrollment(
                Enrollment(registrationId: "x2", attestation: .thumbprint(certificate.thumbprint)))
            try await register("x2", certificate, hub)
        }
    }

    @Test("Provisioning by an authority's certificate leads to a hub that takes it too")
    func provisioningGroup() async throws {
        try await InteropHub.with { hub in
            let authority = try ClientCertificate.selfSigned("factory", in: hub.directory, isAuthority: true)
            let certificate = try ClientCertificate.signed("x3", by: authority, in: hub.directory)
            try await hub.hub.putEnrollmentGroup(
                EnrollmentGroup(
                    id: "factory",
                    attestation: .authority(
                        pem: try String(contentsOf: authority.certificateFile, encoding: .utf8))))
            try await register("x3", certificate, hub)
        }
    }

    private func register(_ id: String, _ certificate: ClientCertificate, _ hub: InteropHub) async throws {
        try await hub.withDevice { device in
            let request: [String: JSON] = [
                "host": .string(hub.host), "scope": .string(hub.idScope), "registration": .string(id),
            ]
            let result = try await device.call("register", files(certificate).merging(request) { $1 })
            #expect(result == ["status": "assigned", "hub": .string(hub.host), "device": .string(id)])
            try await device.call("connect")
            try await device.call("send", ["body": "hello"])
            #expect(await hub.hub.telemetry().first?.deviceId == id)
        }
    }
}
