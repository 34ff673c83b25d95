// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CSQLite

/// One connection to a SQLite database; closed when it is dropped.
///
/// Not `Sendable`: it lives on one thread, so SQLite's own locking of connections is off.
final class Database {
    /// How a database is opened.
    enum Access: Sendable {
        /// Read and write; the file must exist.
        case readWrite
        /// Read only, with whatever locking the directory allows.
        case readOnly
        /// Read only, no locks and no journal: for a directory where nothing can be created.
        case immutable
    }

    /// The path, or `memory`.
    let location: String
    private let handle: OpaquePointer
    private let statements = StatementCache()
    /// What is known of the rows without asking; forgotten where a transaction was undone.
    var known = KnownRows()

    /// Opens a file.
    ///
    /// C function: `sqlite3_open_v2`. SQLite opens lazily: a damaged file shows in the first statement.
    ///
    /// - Parameter vfs: SQLite's name of the layer to the file system; `nil` is the system's own.
    convenience init(file path: String, access: Access, vfs: String? = nil) throws(StoreError) {
        // A name that begins with a colon or with "file:" would mean something else to SQLite.
        let name = path.hasPrefix("/") ? path : "./" + path
        switch access {
        case .readWrite: try self.init(name, SQLITE_OPEN_READWRITE, location: path, vfs: vfs)
        case .readOnly: try self.init(name, SQLITE_OPEN_READONLY, location: path, vfs: vfs)
        case .immutable:
            let uri = "file:" + name.percentEncodedForURI + "?immutable=1"
            try self.init(uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, location: path, vfs: vfs)
        }
    }

    /// Opens an empty database in memory.
    convenience init() throws(StoreError) {
        try self.init(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, location: "memory")
    }

    private init(
        _ name: String, _ flags: Int32, location: String, vfs: String? = nil
    ) throws(StoreError) {
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(name, &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs)
        guard code == SQLITE_OK, let opened else {
            var failure = StoreError(opened, code, location)
            failure.operation = "open the state file"
            sqlite3_close_v2(opened)
            throw failure
        }
        handle = opened
        self.location = location
        sqlite3_busy_timeout(handle, 2_000)
    }

    deinit {
        statements.close()
        sqlite3_close_v2(handle)
    }

    /// The statement `sql`, to be bound and run as often as wanted.
    func prepare(_ sql: String) throws(StoreError) -> Statement {
        try Statement(sql, on: handle, from: statements, location: location)
    }

    /// Runs one statement that returns no rows anybody wants.
    func run(_ sql: String, _ values: [SQLValue] = []) throws(StoreError) {
        let statement = try prepare(sql)
        try statement.bind(values)
        while try statement.step() {}
    }

    /// Runs one statement and reads each of its rows.
    func rows<Row>(
        _ sql: String, _ values: [SQLValue] = [], _ read: (borrowing Statement) throws(StoreError) -> Row
    ) throws(StoreError) -> [Row] {
        let statement = try prepare(sql)
        try statement.bind(values)
        var rows: [Row] = []
        while try statement.step() { rows.append(try read(statement)) }
        return rows
    }

    /// The first column of the first row as an integer, or `nil` where there is none.
    func integer(_ sql: String, _ values: [SQLValue] = []) throws(StoreError) -> Int64? {
        let statement = try prepare(sql)
        try statement.bind(values)
        return try statement.step() ? statement.integer(0) : nil
    }

    /// The number of rows that the last statement changed.
    ///
    /// C function: `sqlite3_changes`.
    var changes: Int { Int(sqlite3_changes(handle)) }

    /// Runs `body` in a transaction that holds the write lock from its beginning: all of it, or nothing.
    func transaction<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        try run("BEGIN IMMEDIATE")
        do throws(StoreError) {
            let result = try body()
            try run("COMMIT")
            return result
        } catch {
            // Some failures have ended the transaction already; then there is nothing to roll back.
            if sqlite3_get_autocommit(handle) == 0 { try? run("ROLLBACK") }
            known = KnownRows()
            throw error
        }
    }

    /// Copies everything of `source` over this database.
    ///
    /// C functions: `sqlite3_backup_…`.
    func copy(from source: Database) throws(StoreError) {
        guard let backup = sqlite3_backup_init(handle, "main", source.handle, "main") else {
            throw StoreError(handle, sqlite3_extended_errcode(handle), location)
        }
        let stepped = sqlite3_backup_step(backup, -1)
        let finished = sqlite3_backup_finish(backup)
        guard stepped == SQLITE_DONE else { throw StoreError(source.handle, stepped, source.location) }
        guard finished == SQLITE_OK else { throw StoreError(handle, finished, location) }
    }
}

extension String {
    /// The text with the three characters escaped that end or change a path in an SQLite URI.
    fileprivate var percentEncodedForURI: String {
        var encoded = ""
        for character in self {
            switch character {
            case "%": encoded += "%25"
            case "?": encoded += "%3f"
            case "#": encoded += "%23"
            default: encoded.append(character)
            }
        }
        return encoded
    }
}
