// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// The hub that DPS has assigned to a registration.
package struct HubAssignment: Sendable, Hashable {
    /// The key of the assignment: DPS id scope and registration id.
    package var idScope: String
    package var registrationID: String
    /// A fingerprint of the key or certificate it was made with; another one makes it void.
    package var keyFingerprint: String
    /// The assigned hub's host name.
    package var hub: String
    /// The device id at that hub.
    package var deviceID: String
    /// When it was assigned, or `nil` where no clock could be believed.
    package var assignedAt: WallTime?

    /// Makes an assignment from its parts.
    package init(
        idScope: String, registrationID: String, keyFingerprint: String, hub: String, deviceID: String,
        assignedAt: WallTime?
    ) {
        self.idScope = idScope
        self.registrationID = registrationID
        self.keyFingerprint = keyFingerprint
        self.hub = hub
        self.deviceID = deviceID
        self.assignedAt = assignedAt
    }
}

extension StateStore {
    /// The assignment of a registration made with this key, or `nil` where DPS has to be asked.
    package func hubAssignment(
        idScope: String, registrationID: String, keyFingerprint: String
    ) throws(StoreError) -> HubAssignment? {
        try perform("read the hub assignment") { (database) throws(StoreError) in
            try database.rows(
                """
                SELECT hub, device, assigned_at FROM dps_assignment
                WHERE scope = ? AND registration = ? AND fingerprint = ?
                """, [.text(idScope), .text(registrationID), .text(keyFingerprint)]
            ) { row in
                HubAssignment(
                    idScope: idScope, registrationID: registrationID, keyFingerprint: keyFingerprint,
                    hub: row.text(0) ?? "", deviceID: row.text(1) ?? "",
                    assignedAt: row.integer(2).map(WallTime.init(millisecondsSince1970:)))
            }.first
        }
    }

    /// Stores an assignment; the registration's earlier one is replaced.
    package func setHubAssignment(_ assignment: HubAssignment) throws(StoreError) {
        try perform("store the hub assignment") { (database) throws(StoreError) in
            try database.run(
                """
                INSERT INTO dps_assignment (scope, registration, fingerprint, hub, device, assigned_at)
                VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (scope, registration) DO UPDATE SET
                    fingerprint = excluded.fingerprint, hub = excluded.hub, device = excluded.device,
                    assigned_at = excluded.assigned_at
                """,
                [
                    .text(assignment.idScope), .text(assignment.registrationID),
                    .text(assignment.keyFingerprint), .text(assignment.hub), .text(assignment.deviceID),
                    .optional(assignment.assignedAt?.millisecondsSince1970),
                ])
        }
    }

    /// Forgets the assignment of a registration, so that DPS is asked again.
    package func forgetHubAssignment(idScope: String, registrationID: String) throws(StoreError) {
        try perform("forget the hub assignment") { (database) throws(StoreError) in
            try database.run(
                "DELETE FROM dps_assignment WHERE scope = ? AND registration = ?",
                [.text(idScope), .text(registrationID)])
        }
    }
}
