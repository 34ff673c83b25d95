// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub
import Testing

@Suite("Provisioning, program against hub", .timeLimit(.minutes(10)))
struct ProvisioningTests {
    private let key = Data((0..<64).map { UInt8($0) }).base64EncodedString()

    private func enroll(_ rig: Rig, _ behavior: ProvisioningBehavior = ProvisioningBehavior()) async throws {
        try await rig.hub.putEnrollment(
            Enrollment(
                registrationId: "reg-1", attestation: .symmetricKey(primary: key, secondary: key),
                deviceId: "assigned-1",
                behavior: behavior))
    }

    @Test("The assigned hub and device id are used, and telemetry of all components arrives")
    func assigned() async throws {
        try await Rig.with { rig in
            try await enroll(rig, ProvisioningBehavior(pendingReplies: 2, retryAfter: 1))
            let agent = try rig.start(rig.provisioning("reg-1", key: key))
            await rig.expect("all components", of: agent) { hub in
                let records = hub.telemetry().filter { $0.deviceId == "assigned-1" }
                return Set(records.map(\.component)) == ["thermostat1", "thermostat2", nil]
            }
            let record = try #require(await rig.hub.telemetry().first { $0.component == "thermostat1" })
            #expect(record.systemProperties["$.ct"] == "application/json")
            #expect(record.systemProperties["$.ce"] == "utf-8")
            #expect(record.properties["simulated"] == "true")
            #expect(record.modelId == Rig.model)
            #expect(record.json?["temperature"]?.double != nil)
            #expect(record.qos == 1)
            await rig.stop(agent)
            #expect(!agent.output.contains(key))
        }
    }

    @Test("A group key is derived for the registration") func group() async throws {
        try await Rig.with { rig in
            try await rig.hub.putEnrollmentGroup(
                EnrollmentGroup(
                    id: "g", attestation: .symmetricKey(primary: Rig.groupKey, secondary: Rig.groupKey)))
            let file = try rig.folder.write(
                """
                [hub]
                security = "DPS"
                [hub.dps]
                endpoint = "\(rig.host)"
                id-scope = "\(rig.server.hubConfiguration.idScope)"
                registration-id = "board-7"
                group-key = "\(Rig.groupKey)"
                """, to: "agent.toml")
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
            let agent = try rig.start([:], ["run", "--simulate", "--config", file])
            await rig.expect("telemetry", of: agent) { $0.telemetry().contains { $0.deviceId == "board-7" } }
            await rig.stop(agent)
            #expect(!agent.output.contains(Rig.groupKey))
        }
    }

    @Test(
        "Each answer that is no assignment has its own clear line, and the agent stays",
        arguments: [
            (401, "refused the credentials (401)"), (404, "the id scope or the enrollment (404)"),
            (429, "answered with 429"),
        ])
    func refused(status: Int, words: String) async throws {
        try await Rig.with(allowing: Set(Violation.Kind.allCases)) { rig in
            try await enroll(rig)
            await rig.hub.setFault(Fault(.provisioningError(.register, code: status * 1000, retryAfter: 1)))
            let agent = try rig.start(rig.provisioning("reg-1", key: key))
            #expect(await agent.line(with: words) != nil, "\(agent.output)")
            await rig.hub.clearFaults()
            await rig.stop(agent)
        }
    }

    @Test("A failed or disabled registration says so") func failed() async throws {
        for (outcome, word) in [
            (
                ProvisioningBehavior.Outcome.failed(code: 400_208, message: "No hub is linked."),
                "No hub is linked."
            ),
            (.disabled, "disabled"),
        ] {
            try await Rig.with(allowing: Set(Violation.Kind.allCases)) { rig in
                try await enroll(rig, ProvisioningBehavior(outcome: outcome))
                let agent = try rig.start(rig.provisioning("reg-1", key: key))
                #expect(await agent.line(with: word) != nil, "\(agent.output)")
                await rig.stop(agent)
            }
        }
    }
}
