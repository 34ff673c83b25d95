// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import IoTHub
import LocalHub
import Secrets
import StrictJSON
import Testing

/// DPS and the hub it assigned: throttled, moved, gone.
@Suite("Faults of provisioning, client against hub", .serialized, .timeLimit(.minutes(10)))
struct ProvisioningFaultTests {
    private let key = Data((0..<64).map { UInt8($0) }).base64EncodedString()

    private func enroll(_ rig: FaultRig, at hub: String? = nil) async throws {
        try await rig.hub.putEnrollment(
            Enrollment(
                registrationId: "reg-1", attestation: .symmetricKey(primary: key, secondary: key),
                deviceId: "dev-1",
                behavior: ProvisioningBehavior(pendingReplies: 0, assignedHub: hub)))
    }

    private func configuration(_ rig: FaultRig) throws -> HubClientConfiguration {
        try rig.configuration(
            .provisioning(
                ProvisioningSettings(
                    endpoint: HostAddress(parsing: rig.host), idScope: rig.server.hubConfiguration.idScope,
                    registrationID: "reg-1", credential: .deviceKey(Secret(key)))))
    }

    private func registrations(_ rig: FaultRig) async -> Int {
        let all = await rig.hub.endedConnections() + rig.hub.connections()
        return all.count { $0.service == .provisioning }
    }

    @Test("Throttled by DPS, then assigned; the next start goes to the hub without asking")
    func throttledThenCached() async throws {
        try await FaultRig.with { rig in
            try await enroll(rig)
            await rig.hub.setFault(
                Fault(.provisioningError(.register, code: 429_001, retryAfter: 1), count: 2))
            let cache = KeptAssignment()
            try await rig.run(try configuration(rig), cache: cache) { client in
                try await client.deliver(0..<10)
            }
            #expect(await registrations(rig) == 1)
            try await rig.run(try configuration(rig), cache: cache) { client in
                try await client.deliver(10..<20)
            }
            #expect(await registrations(rig) == 1)
            #expect(await Set(rig.hub.telemetry().map(\.deviceId)) == ["dev-1"])
        }
    }

    @Test("A hub that refuses its device sends it back to DPS, which assigns another; no number is missing")
    func moved() async throws {
        try await FaultRig.with { rig in
            try await enroll(rig)
            let cache = KeptAssignment()
            try await rig.run(try configuration(rig), cache: cache) { client in
                try await client.deliver(0..<20)
                #expect(await cache.assignment?.hub == rig.host)
                // The same machine under another name, as another hub would be.
                try await enroll(rig, at: "127.0.0.1:\(rig.server.mqttPort)")
                await rig.hub.setFault(Fault(.refuseConnect(code: 5), deviceId: "dev-1", count: 2))
                await rig.hub.dropConnections()
                try await client.deliver(20..<40)
                #expect(await client.hub.status.hub == "127.0.0.1:\(rig.server.mqttPort)")
            }
            #expect(await cache.assignment?.hub == "127.0.0.1:\(rig.server.mqttPort)")
            #expect(await registrations(rig) == 2)
            let came = Set(await rig.hub.telemetry().compactMap { $0.json?["n"]?.integer })
            #expect(came == Set(0..<40))
        }
    }

    @Test("A known hub that has gone is left for DPS after ten attempts")
    func gone() async throws {
        try await FaultRig.with { rig in
            try await enroll(rig)
            guard case .provisioning(let settings) = try configuration(rig).identity else { return }
            // Port 1 of this machine is nobody's.
            let cache = KeptAssignment(
                CachedAssignment(
                    hub: "localhost:1", deviceID: "dev-1", fingerprint: try settings.fingerprint()))
            try await rig.run(try configuration(rig), cache: cache) { client in
                try await client.deliver(0..<5)
                #expect(await client.outages == 10)
            }
            #expect(await cache.assignment?.hub == rig.host)
        }
    }
}

/// Keeps an assignment over clients, as the state store does over runs.
private actor KeptAssignment: AssignmentCache {
    private(set) var assignment: CachedAssignment?

    init(_ assignment: CachedAssignment? = nil) { self.assignment = assignment }

    func load() -> CachedAssignment? { assignment }

    func save(_ assignment: CachedAssignment) { self.assignment = assignment }

    func forget() { assignment = nil }
}
