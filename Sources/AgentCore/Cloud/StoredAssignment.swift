// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import IoTHub
package import Logging
package import Quantities
package import StateStore

/// The hub that DPS assigned, in the state file: the next start needs no DPS.
package struct StoredAssignment: AssignmentCache {
    private let settings: ProvisioningSettings
    private let fingerprint: String
    private let store: StateStore
    private let time: any TimeSource
    private let log: Logger

    /// Keeps the assignment of one registration; `nil` where the hub is configured, or no key can be read.
    package init?(of identity: HubIdentity, in store: StateStore, time: any TimeSource, log: Logger) {
        guard case .provisioning(let settings) = identity, let fingerprint = try? settings.fingerprint()
        else {
            return nil
        }
        self.settings = settings
        self.fingerprint = fingerprint
        self.store = store
        self.time = time
        self.log = log
    }

    /// What was saved last for this registration and key; a disk that hangs has none, since DPS tells it again.
    package func load() async -> CachedAssignment? {
        let reading = Task { await read() }
        let deadline = time.now().monotonic.advanced(by: ControlStart.patience)
        return await value(of: reading, by: deadline, time).flatMap(\.self).map {
            CachedAssignment(hub: $0.hub, deviceID: $0.deviceID, fingerprint: fingerprint)
        }
    }

    private func read() async -> HubAssignment? {
        await attempt("read") {
            try await store.hubAssignment(
                idScope: settings.idScope, registrationID: settings.registrationID,
                keyFingerprint: fingerprint)
        }.flatMap(\.self)
    }

    /// Replaces what was saved.
    package func save(_ assignment: CachedAssignment) async {
        let now = time.now()
        _ = await attempt("stored") {
            try await store.setHubAssignment(
                HubAssignment(
                    idScope: settings.idScope, registrationID: settings.registrationID,
                    keyFingerprint: assignment.fingerprint, hub: assignment.hub,
                    deviceID: assignment.deviceID,
                    assignedAt: now.wallIsTrusted ? now.wall : nil))
        }
    }

    /// Removes what was saved.
    package func forget() async {
        _ = await attempt("removed") {
            try await store.forgetHubAssignment(
                idScope: settings.idScope, registrationID: settings.registrationID)
        }
    }

    private func attempt<Value: Sendable>(_ verb: String, _ work: () async throws -> Value) async -> Value? {
        do {
            return try await work()
        } catch {
            log.warning("The hub that was assigned could not be \(verb): \(error)")
            return nil
        }
    }
}
