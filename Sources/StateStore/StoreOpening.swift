// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

/// An open database and what there was to say about it.
struct OpenedDatabase {
    /// `nil` where not even memory could be had.
    let database: Database?
    let notices: [StoreNotice]
    let isDurable: Bool

    /// Whether memory holds what the file held when it could not be written.
    var isCarried: Bool {
        notices.contains { if case .inMemory(_, carriedOver: true) = $0 { true } else { false } }
    }
}

/// Opens a database whatever the disk looks like: the file, a new file, or memory.
struct StoreOpening: Sendable {
    let schema: Schema
    let wall: WallTime?
    /// SQLite's name of the layer to the file system; `nil` is the system's own.
    var vfs: String?

    /// Opens the database at a location.
    func open(_ location: StoreLocation) -> OpenedDatabase {
        guard case .file(let path) = location else {
            return OpenedDatabase(database: try? emptyMemory(), notices: [], isDurable: false)
        }
        var notices: [StoreNotice] = []
        do throws(StoreError) {
            // The first pass may set an unusable file aside; the second then begins a new one.
            for _ in 0..<2 {
                guard let database = try openFile(path, &notices) else { continue }
                return OpenedDatabase(database: database, notices: notices, isDurable: true)
            }
            throw StoreError(
                .damaged, operation: "open the state file", location: path,
                detail: "the new file was damaged at once")
        } catch {
            let carried = carryOver(path)
            notices.append(.inMemory(error, carriedOver: carried != nil))
            return OpenedDatabase(
                database: carried ?? (try? emptyMemory()), notices: notices, isDurable: false)
        }
    }

    /// Opens the file, or sets it aside and returns `nil`.
    private func openFile(_ path: String, _ notices: inout [StoreNotice]) throws(StoreError) -> Database? {
        let file = StoreFile(path)
        try file.create()
        notices += file.protect()
        let verdict: Schema.Verdict
        do throws(StoreError) {
            let database = try Database(file: path, access: .readWrite, vfs: vfs)
            verdict = try schema.inspect(database)
            if case .ours(let version) = verdict {
                try configure(database)
                try schema.check(database)
                try schema.migrate(database, from: version)
                try schema.proveWritable(database)
                // SQLite does not make sure of that: a rollback journal that came back would undo everything since.
                file.syncDirectory()
                if version > 0, version < schema.version {
                    notices.append(.migrated(from: version, to: schema.version))
                }
                return database
            }
        } catch {
            guard error.kind == .damaged else { throw error }
            let name = try file.setAside("damaged", at: wall)
            notices.append(.damaged(path: path, renamedTo: name, detail: error.detail))
            return nil
        }
        switch verdict {
        case .newer(let version):
            let name = try file.setAside("schema-\(version)", at: wall)
            notices.append(.newer(path: path, renamedTo: name, version: version, known: schema.version))
        case .foreign, .ours:
            notices.append(.foreign(path: path, renamedTo: try file.setAside("foreign", at: wall)))
        }
        return nil
    }

    /// Brings a file to the layout's page size, where it has others and nobody else has it open, and sets how it is written.
    ///
    /// SQLite changes the page size of an existing file only by rewriting it outside of write-ahead mode. A file that
    /// cannot be rewritten keeps its pages and is used all the same.
    private func configure(_ database: Database) throws(StoreError) {
        if try database.integer("PRAGMA page_size") != schema.pageSize {
            try database.run("PRAGMA page_size = \(schema.pageSize)")
            if try database.integer("PRAGMA page_count") ?? 0 > 0 {
                do throws(StoreError) {
                    try database.run("PRAGMA journal_mode = DELETE")
                    try database.run("VACUUM")
                } catch {
                    guard error.kind != .damaged else { throw error }
                }
            }
        }
        for setting in schema.settings { try database.run(setting) }
    }

    private func emptyMemory() throws(StoreError) -> Database {
        let database = try Database()
        try schema.migrate(database, from: 0)
        return database
    }

    /// What a file that cannot be written holds, in memory; `nil` where it cannot be read or is not usable.
    private func carryOver(_ path: String) -> Database? {
        // Opening a pipe would wait for its other end.
        guard StoreFile(path).isRegular else { return nil }
        // With a log, only SQLite's own way sees the last commits; without one, it would leave an unusable log behind.
        let ways: [Database.Access] = StoreFile(path).hasLog ? [.readOnly, .immutable] : [.immutable]
        for access in ways {
            do throws(StoreError) {
                let source = try Database(file: path, access: access, vfs: vfs)
                guard case .ours(let version) = try schema.inspect(source), version > 0 else { return nil }
                let database = try Database()
                try database.copy(from: source)
                try schema.check(database)
                try schema.migrate(database, from: version)
                return database
            } catch {
                continue
            }
        }
        return nil
    }
}
