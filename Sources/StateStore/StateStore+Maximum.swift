// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

extension StateStore {
    /// The highest temperature of a thermostat since the kernel's boot `bootID`, in degrees Celsius.
    package func maximumTemperature(_ thermostat: String, bootID: String) throws(StoreError) -> Double? {
        try perform("read the maximum of \(thermostat)") { (database) throws(StoreError) in
            try database.rows(
                "SELECT celsius FROM maximum WHERE thermostat = ? AND boot_id = ?",
                [.text(thermostat), .text(bootID)]
            ) { row in row.real(0) ?? 0 }.first
        }
    }

    /// Raises the highest temperature since the kernel's boot; a new boot id starts anew.
    ///
    /// Returns whether it rose. It survives the end of the process at once, but is not synced: a power cut ends the boot it belongs to.
    @discardableResult
    package func raiseMaximum(
        _ thermostat: String, to celsius: Double, bootID: String
    ) throws(StoreError) -> Bool {
        try perform("store the maximum of \(thermostat)") { (database) throws(StoreError) in
            try database.requireFinite(celsius)
            return try database.unsynced { () throws(StoreError) in
                try database.run(
                    """
                    INSERT INTO maximum (thermostat, boot_id, celsius) VALUES (?, ?, ?)
                    ON CONFLICT (thermostat) DO UPDATE SET boot_id = excluded.boot_id, celsius = excluded.celsius
                    WHERE excluded.boot_id <> maximum.boot_id OR excluded.celsius > maximum.celsius
                    """, [.text(thermostat), .text(bootID), .real(celsius)])
                return database.changes > 0
            }
        }
    }
}

extension Database {
    /// Runs `body` without a sync at its commit: whole after `kill -9`, perhaps gone after a power cut, never torn.
    fileprivate func unsynced<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        try run("PRAGMA synchronous = NORMAL")
        defer { try? run("PRAGMA synchronous = FULL") }
        return try body()
    }
}
