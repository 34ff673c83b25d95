// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The layout of the state file and the way from any older one to it.
struct Schema: Sendable {
    /// One step per version: step `n` brings version `n` to `n + 1`.
    ///
    /// A step that was released is never changed; a new layout is a new step.
    let steps: [[String]]

    /// The version that the steps lead to.
    var version: Int { steps.count }

    /// Marks the file as one of this agent's: "SnAg" in ASCII.
    ///
    /// SQLite: `PRAGMA application_id`.
    static let applicationID: Int64 = 0x536E_4167

    /// The layout that this agent works with.
    static let current = Schema(steps: [firstLight, thermostats, lockOuts])

    private static let firstLight = [
        """
        CREATE TABLE target (
            hub TEXT NOT NULL, device TEXT NOT NULL, thermostat TEXT NOT NULL,
            celsius REAL NOT NULL, desired_version INTEGER, accepted_at INTEGER,
            PRIMARY KEY (hub, device, thermostat)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE desired (
            hub TEXT NOT NULL, device TEXT NOT NULL, version INTEGER NOT NULL,
            PRIMARY KEY (hub, device)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE confirmed_report (
            hub TEXT NOT NULL, device TEXT NOT NULL, path TEXT NOT NULL, value TEXT NOT NULL,
            PRIMARY KEY (hub, device, path)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE maximum (
            thermostat TEXT NOT NULL PRIMARY KEY, boot_id TEXT NOT NULL, celsius REAL NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
    ]

    /// What outlives the program of a thermostat, whatever hub it talks to.
    private static let thermostats = [
        """
        CREATE TABLE thermostat (
            name TEXT NOT NULL PRIMARY KEY, celsius REAL, mode TEXT, latch TEXT, boot_id TEXT, off_at_ms INTEGER,
            cycles INTEGER NOT NULL, on_time_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """
    ]

    /// When the lock-out of a thermostat's relay ends, on the clock of its row's boot.
    private static let lockOuts = ["ALTER TABLE thermostat ADD COLUMN locked_until_ms INTEGER"]

    /// What a file turns out to be, before anything in it is touched.
    enum Verdict: Sendable, Equatable {
        /// New, or of this agent; the version it has.
        case ours(version: Int)
        /// Of a newer agent.
        case newer(version: Int)
        /// Of some other program.
        case foreign
    }

    /// Looks whose file it is and which version it has.
    func inspect(_ database: Database) throws(StoreError) -> Verdict {
        let owner = try database.integer("PRAGMA application_id") ?? 0
        let version = Int(try database.integer("PRAGMA user_version") ?? 0)
        let tables = try database.integer("SELECT count(*) FROM sqlite_schema") ?? 0
        if owner == 0, version == 0, tables == 0 { return .ours(version: 0) }
        guard owner == Self.applicationID, version > 0 else { return .foreign }
        return version > steps.count ? .newer(version: version) : .ours(version: version)
    }

    /// Runs the steps that are missing, each with its version number in one transaction.
    func migrate(_ database: Database, from version: Int) throws(StoreError) {
        for (offset, statements) in steps.enumerated().dropFirst(version) {
            try database.transaction { () throws(StoreError) in
                for statement in statements { try database.run(statement) }
                try database.run("PRAGMA application_id = \(Self.applicationID)")
                try database.run("PRAGMA user_version = \(offset + 1)")
            }
        }
    }

    /// Throws where a commit does not reach the disk, because SQLite opens a read-only file without a word.
    func proveWritable(_ database: Database) throws(StoreError) {
        try database.run("PRAGMA user_version = \(version)")
    }

    /// Throws `.damaged` where the pages of the file contradict each other.
    func check(_ database: Database) throws(StoreError) {
        let findings = try database.rows("PRAGMA quick_check(1)") { row in row.text(0) ?? "" }
        guard findings != ["ok"] else { return }
        throw StoreError(
            .damaged, operation: "check the state file", location: database.location,
            detail: findings.first ?? "no answer")
    }
}
