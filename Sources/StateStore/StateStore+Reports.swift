// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

extension StateStore {
    /// The reported values that the hub has confirmed, by path such as `thermostat1.targetTemperature`, as JSON text.
    package func confirmedReports(hub: HubKey) throws(StoreError) -> [String: String] {
        try perform("read the confirmed reports") { (database) throws(StoreError) in
            let rows = try database.rows(
                "SELECT path, value FROM confirmed_report WHERE hub = ? AND device = ?", hub.values
            ) { row in (row.text(0) ?? "", row.text(1) ?? "") }
            return Dictionary(rows, uniquingKeysWith: { first, _ in first })
        }
    }

    /// Stores that the hub has confirmed reported values, by path, as JSON text.
    package func confirmReports(_ values: [String: String], hub: HubKey) throws(StoreError) {
        try perform("store confirmed reports") { (database) throws(StoreError) in
            try database.transaction { () throws(StoreError) in
                for (path, value) in values {
                    try database.run(
                        """
                        INSERT INTO confirmed_report (hub, device, path, value) VALUES (?, ?, ?, ?)
                        ON CONFLICT (hub, device, path) DO UPDATE SET value = excluded.value
                        """, hub.values + [.text(path), .text(value)])
                }
            }
        }
    }

    /// Forgets what the hub has confirmed, for a twin that was made anew.
    package func forgetConfirmedReports(hub: HubKey) throws(StoreError) {
        try perform("forget confirmed reports") { (database) throws(StoreError) in
            try database.run("DELETE FROM confirmed_report WHERE hub = ? AND device = ?", hub.values)
        }
    }
}
