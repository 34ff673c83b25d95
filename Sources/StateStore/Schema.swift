// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The layout of a file of the store and the way from any older one to it.
struct Schema: Sendable {
    /// One step per version: step `n` brings version `n` to `n + 1`.
    ///
    /// A step that was released is never changed; a new layout is a new step.
    let steps: [[String]]

    /// The version that the steps lead to.
    var version: Int { steps.count }

    /// Marks the file as one of this agent's and says which.
    ///
    /// SQLite: `PRAGMA application_id`.
    let applicationID: Int64

    /// Bytes in a page of a new file; an older file is brought to it.
    ///
    /// A commit writes whole pages. On a card those of a minute's few rows are as small as SQLite has them: half of
    /// what pages of 4096 bytes wear it (decision 12).
    let pageSize: Int64
    /// How the file is written.
    let settings: [String]

    /// The layout of the state file, on disk: "SnAg" in ASCII.
    static let current = Schema(steps: [firstLight, thermostats, telemetry + lockOuts])

    /// Makes a layout; without the rest it is one of the state file.
    init(
        steps: [[String]], applicationID: Int64 = 0x536E_4167, pageSize: Int64 = 512,
        settings: [String] = Schema.diskSettings
    ) {
        self.steps = steps
        self.applicationID = applicationID
        self.pageSize = pageSize
        self.settings = settings
    }

    /// Write-ahead log with a sync at every commit.
    ///
    /// A commit is then one append and one sync, where a rollback journal needs two syncs, a rewrite in place and two
    /// directory changes: a third of the wear on an SD card. `FULL`, because in this mode `NORMAL` may lose the last
    /// commits in a power cut, and an accepted target must not be lost; maxima alone may (see
    /// ``StateStore/raiseMaximum(_:to:bootID:)``). Nothing in the file is secret, so that deleted rows need not be
    /// overwritten.
    static let diskSettings = [
        "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA wal_autocheckpoint = 1000",
        "PRAGMA journal_size_limit = 1048576", "PRAGMA temp_store = MEMORY", "PRAGMA trusted_schema = OFF",
        "PRAGMA secure_delete = OFF",
    ]

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

    /// Telemetry that is not acknowledged yet, its numbering, history, and what the cloud service remembers.
    private static let telemetry =
        outboxTables + [
            """
            CREATE TABLE bucket (
                start_ms INTEGER NOT NULL, stream TEXT NOT NULL, simulated INTEGER NOT NULL,
                minimum REAL NOT NULL, maximum REAL NOT NULL, sum REAL NOT NULL, count INTEGER NOT NULL,
                first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, slots INTEGER NOT NULL,
                PRIMARY KEY (start_ms, stream, simulated)
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE hour (
                start_ms INTEGER NOT NULL, stream TEXT NOT NULL, simulated INTEGER NOT NULL,
                minimum REAL NOT NULL, maximum REAL NOT NULL, sum REAL NOT NULL, count INTEGER NOT NULL,
                first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, slots INTEGER NOT NULL,
                PRIMARY KEY (start_ms, stream, simulated)
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE dps_assignment (
                scope TEXT NOT NULL, registration TEXT NOT NULL, fingerprint TEXT NOT NULL, hub TEXT NOT NULL,
                device TEXT NOT NULL, assigned_at INTEGER, PRIMARY KEY (scope, registration)
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE TABLE event (id INTEGER PRIMARY KEY, at INTEGER, kind TEXT NOT NULL, json TEXT NOT NULL) STRICT",
        ]

    /// The tables that both tiers of the outbox have.
    ///
    /// Texts that repeat are stored once, in `word`. Keys begin with what grows, so that the new rows of all streams
    /// are neighbours: a move to the disk then writes few pages. `counter` holds the series, the reservations and the tallies: one
    /// page, which every move to the disk writes anyway.
    static let outboxTables = [
        "CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT",
        """
        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY, series INTEGER NOT NULL, stream INTEGER NOT NULL, sequence INTEGER NOT NULL,
            telemetry INTEGER NOT NULL, value REAL NOT NULL, simulated INTEGER NOT NULL,
            boot INTEGER NOT NULL, since_boot_ms INTEGER NOT NULL, wall_ms INTEGER,
            UNIQUE (sequence, stream, series)
        ) STRICT
        """,
        "CREATE TABLE boot_clock (boot TEXT NOT NULL PRIMARY KEY, wall_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE TABLE counter (name TEXT NOT NULL PRIMARY KEY, number INTEGER, text TEXT) STRICT, WITHOUT ROWID",
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
        guard owner == applicationID, version > 0 else { return .foreign }
        return version > steps.count ? .newer(version: version) : .ours(version: version)
    }

    /// Runs the steps that are missing, each with its version number in one transaction.
    func migrate(_ database: Database, from version: Int) throws(StoreError) {
        for (offset, statements) in steps.enumerated().dropFirst(version) {
            try database.transaction { () throws(StoreError) in
                for statement in statements { try database.run(statement) }
                try database.run("PRAGMA application_id = \(applicationID)")
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
