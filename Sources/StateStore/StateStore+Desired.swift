// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

extension StateStore {
    /// The target last accepted for a thermostat, such as `thermostat1`.
    package func target(_ thermostat: String, hub: HubKey) throws(StoreError) -> StoredTarget? {
        try perform("read the target of \(thermostat)") { (database) throws(StoreError) in
            try database.rows(
                """
                SELECT celsius, desired_version, accepted_at FROM target
                WHERE hub = ? AND device = ? AND thermostat = ?
                """, hub.values + [.text(thermostat)]
            ) { row in
                StoredTarget(
                    celsius: row.real(0) ?? 0, desiredVersion: row.integer(1),
                    acceptedAt: row.integer(2).map(WallTime.init(millisecondsSince1970:)))
            }.first
        }
    }

    /// Stores a target that did not come with a desired version to remember, for example a local one.
    package func setTarget(
        _ target: StoredTarget, for thermostat: String, hub: HubKey
    ) throws(StoreError) {
        try perform("store the target of \(thermostat)") { (database) throws(StoreError) in
            try database.store(target, for: thermostat, hub)
        }
    }

    /// Forgets the target of a thermostat, so that the site's default holds, whatever it is by the next start.
    package func forgetTarget(_ thermostat: String, hub: HubKey) throws(StoreError) {
        try perform("forget the target of \(thermostat)") { (database) throws(StoreError) in
            try database.run(
                "DELETE FROM target WHERE hub = ? AND device = ? AND thermostat = ?",
                hub.values + [.text(thermostat)])
        }
    }

    /// The `$version` of the desired properties last handled completely, or `nil` before the first.
    package func desiredVersion(hub: HubKey) throws(StoreError) -> Int64? {
        try perform("read the desired version") { (database) throws(StoreError) in
            try database.integer("SELECT version FROM desired WHERE hub = ? AND device = ?", hub.values)
        }
    }

    /// Stores the version of a patch that changed no target.
    ///
    /// A lower version replaces a higher one, because a twin can be made anew.
    package func setDesiredVersion(_ version: Int64, hub: HubKey) throws(StoreError) {
        try acceptDesired([:], version: version, hub: hub)
    }

    /// Stores the outcome of one desired patch in one transaction: all targets it set, by thermostat, and its version.
    package func acceptDesired(
        _ targets: [String: StoredTarget], version: Int64, hub: HubKey
    ) throws(StoreError) {
        try perform("store desired version \(version)") { (database) throws(StoreError) in
            try database.transaction { () throws(StoreError) in
                for (thermostat, target) in targets { try database.store(target, for: thermostat, hub) }
                try database.run(
                    """
                    INSERT INTO desired (hub, device, version) VALUES (?, ?, ?)
                    ON CONFLICT (hub, device) DO UPDATE SET version = excluded.version
                    """, hub.values + [.integer(version)])
            }
        }
    }
}

extension Database {
    fileprivate func store(
        _ target: StoredTarget, for thermostat: String, _ hub: HubKey
    ) throws(StoreError) {
        try requireFinite(target.celsius)
        try run(
            """
            INSERT INTO target (hub, device, thermostat, celsius, desired_version, accepted_at)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (hub, device, thermostat) DO UPDATE SET
                celsius = excluded.celsius, desired_version = excluded.desired_version,
                accepted_at = excluded.accepted_at
            """,
            hub.values + [
                .text(thermostat), .real(target.celsius), .optional(target.desiredVersion),
                .optional(target.acceptedAt?.millisecondsSince1970),
            ])
    }

    /// Throws `.invalidValue` for what SQLite would silently store as null.
    func requireFinite(_ celsius: Double) throws(StoreError) {
        guard !celsius.isFinite else { return }
        throw StoreError(
            .invalidValue, operation: "store a temperature", location: location,
            detail: "\(celsius) is not finite")
    }
}

extension HubKey {
    /// The two columns that every table of a hub's state begins with.
    var values: [SQLValue] { [.text(hub), .text(deviceID)] }
}
