// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

extension Schema {
    /// The layout of the young tier's file, on tmpfs: "SnYo" in ASCII.
    static let young = Schema(
        steps: [outboxTables + youngTables], applicationID: 0x536E_596F, pageSize: 4_096,
        settings: youngSettings)

    /// No sync at all: the page cache outlives the process, and tmpfs outlives nothing else.
    ///
    /// The log keeps a transaction whole when the process is killed in the middle of it. Nobody else opens the file, and
    /// without a lock for each transaction there are six system calls less in it.
    private static let youngSettings = [
        "PRAGMA journal_mode = WAL", "PRAGMA locking_mode = EXCLUSIVE", "PRAGMA synchronous = OFF",
        "PRAGMA wal_autocheckpoint = 256",
        "PRAGMA journal_size_limit = 1048576", "PRAGMA temp_store = MEMORY", "PRAGMA trusted_schema = OFF",
        "PRAGMA secure_delete = OFF",
    ]

    /// The tables that only the young tier has.
    ///
    /// `gone`: acknowledged, perhaps still on disk. `aside`: not to be offered before a time. `raw`: the latest
    /// samples as they were. `delta`: what the disk's buckets do not have yet, by the number of its batch.
    ///
    /// The columns of a primary key come first and in its order, everywhere: SQLite 3.40's `quick_check` finds nulls
    /// that are not there in a table without row ids that has them in another.
    private static let youngTables = [
        """
        CREATE TABLE numbering (
            stream TEXT NOT NULL PRIMARY KEY, last INTEGER NOT NULL, reserved INTEGER
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE gone (
            stream TEXT NOT NULL, sequence INTEGER NOT NULL, series TEXT NOT NULL,
            PRIMARY KEY (stream, sequence, series)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE aside (
            stream TEXT NOT NULL, sequence INTEGER NOT NULL, series TEXT NOT NULL, boot TEXT NOT NULL,
            until_ms INTEGER NOT NULL, PRIMARY KEY (stream, sequence, series)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE raw (
            id INTEGER PRIMARY KEY, stream INTEGER NOT NULL, boot INTEGER NOT NULL, since_boot_ms INTEGER NOT NULL,
            wall_ms INTEGER, value REAL NOT NULL, simulated INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE delta (
            start_ms INTEGER NOT NULL, stream TEXT NOT NULL, simulated INTEGER NOT NULL, batch INTEGER NOT NULL,
            minimum REAL NOT NULL, maximum REAL NOT NULL, sum REAL NOT NULL, count INTEGER NOT NULL,
            first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, slots INTEGER NOT NULL,
            PRIMARY KEY (start_ms, stream, simulated, batch)
        ) STRICT, WITHOUT ROWID
        """,
    ]
}
