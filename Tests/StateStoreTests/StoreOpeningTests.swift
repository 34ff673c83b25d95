// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
import Quantities
import Testing

@testable import StateStore

@Suite("Opening the store") struct StoreOpeningTests {
    private let target = StoredTarget(celsius: 18, desiredVersion: 3, acceptedAt: nil)

    /// A closed state file with one target, large enough to have inner pages.
    private func filled(_ path: String) async throws {
        let store = await openStore(.file(path))
        try await store.setTarget(target, for: "thermostat1", hub: testHub)
        for index in 0..<40 {
            let value = String(repeating: "x", count: 500)
            try await store.confirmReports(["path\(index)": value], hub: testHub)
        }
        await store.close()
    }

    private func expectWorks(_ store: StateStore) async throws {
        try await store.setTarget(target, for: "thermostat9", hub: testHub)
        #expect(try await store.target("thermostat9", hub: testHub) == target)
    }

    @Test("Missing directories are made for the owner only, and so is the file with its companions")
    func modes() async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("a/b/state.db")
        let previous = umask(0)
        let store = await openStore(.file(path))
        umask(previous)
        try await expectWorks(store)
        #expect(mode(directory.file("a")) == 0o700)
        #expect(mode(directory.file("a/b")) == 0o700)
        #expect(listing(directory.file("a/b")) == ["state.db", "state.db-shm", "state.db-wal"])
        for name in listing(directory.file("a/b")) { #expect(mode(directory.file("a/b/" + name)) == 0o600) }
        await store.close()
        #expect(listing(directory.file("a/b")) == ["state.db"])
    }

    @Test("A file that others could read is taken from them, and said so")
    func loosePermissions() async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("state.db")
        try await filled(path)
        chmod(path, 0o664)
        let store = await openStore(.file(path))
        #expect(store.opening == [.permissionsTightened(path: path, from: 0o664)])
        #expect(mode(path) == 0o600)
        #expect(try await store.target("thermostat1", hub: testHub) == target)
    }

    @Test("An empty file is a new one")
    func emptyFile() async throws {
        let directory = TemporaryDirectory()
        write([], to: directory.file("state.db"))
        let store = await openStore(.file(directory.file("state.db")))
        #expect(store.opening.isEmpty)
        try await expectWorks(store)
    }

    enum Damage: String, CaseIterable {
        case text, zeros, header, pages, truncated
    }

    @Test(
        "A damaged file is renamed with the time, kept byte for byte, and a new one begins",
        arguments: Damage.allCases)
    func damaged(_ damage: Damage) async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("state.db")
        try await filled(path)
        switch damage {
        case .text: write(Array("this is no database, at all, not at all".utf8), to: path)
        case .zeros: write([UInt8](repeating: 0, count: contents(path).count), to: path)
        case .header: write([0xFF, 0xFF, 0xFF, 0xFF], to: path, at: 16)
        case .pages: write([UInt8](repeating: 0xA5, count: contents(path).count - 4_096), to: path, at: 4_096)
        case .truncated: truncate(path, 6_000)
        }
        let before = contents(path)
        let store = await openStore(.file(path))
        let aside = path + ".damaged-20261123T184937Z"
        guard case .damaged(path, aside, let detail)? = store.opening.first, store.opening.count == 1 else {
            Issue.record("unexpected \(store.opening)")
            return
        }
        #expect(!detail.isEmpty)
        #expect(contents(aside) == before)
        #expect(await store.isDurable)
        #expect(try await store.target("thermostat1", hub: testHub) == nil)
        try await expectWorks(store)
    }

    @Test("A second damaged file at the same second does not overwrite the first")
    func twiceDamaged() async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("state.db")
        for round in ["first garbage, long enough", "second garbage, long enough"] {
            write(Array(round.utf8), to: path)
            let store = await openStore(.file(path))
            await store.close()
        }
        let aside = path + ".damaged-20261123T184937Z"
        #expect(contents(aside) == Array("first garbage, long enough".utf8))
        #expect(contents(aside + "-2").starts(with: Array("second garbage, long enough".utf8)))
    }

    @Test("A garbled write-ahead log beside a good file is no obstacle")
    func garbledLog() async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("state.db")
        try await filled(path)
        write([UInt8](repeating: 0x5A, count: 9_000), to: path + "-wal")
        let store = await openStore(.file(path))
        #expect(store.opening.isEmpty)
        #expect(try await store.target("thermostat1", hub: testHub) == target)
    }

    @Test("Damage that shows later sets the file aside, says so, and the call succeeds on a new file")
    func damagedWhileOpen() async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("state.db")
        try await filled(path)
        let store = await openStore(.file(path))
        write([UInt8](repeating: 0xA5, count: contents(path).count - 4_096), to: path, at: 4_096)
        try await store.perform("forget cached pages") { (database) throws(StoreError) in
            try database.run("PRAGMA shrink_memory")
        }
        #expect(try await store.confirmedReports(hub: testHub).isEmpty)
        await store.close()
        var notices: [StoreNotice] = []
        for await notice in store.notices { notices.append(notice) }
        guard case .damaged(path, let aside, _)? = notices.first, notices.count == 1 else {
            Issue.record("unexpected \(notices)")
            return
        }
        #expect(directory.names == ["state.db", "state.db.damaged"])
        #expect(aside == path + ".damaged")
    }

    @Test("Damage that shows later in a file that cannot be renamed leaves the agent running in memory")
    func damagedAndGone() async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("state.db")
        try await filled(path)
        let store = await openStore(.file(path))
        write([UInt8](repeating: 0xA5, count: contents(path).count - 4_096), to: path, at: 4_096)
        unlink(path)
        try await store.perform("forget cached pages") { (database) throws(StoreError) in
            try database.run("PRAGMA shrink_memory")
        }
        #expect(try await store.confirmedReports(hub: testHub).isEmpty)
        #expect(await !store.isDurable)
        try await expectWorks(store)
        await store.close()
        var notices: [StoreNotice] = []
        for await notice in store.notices { notices.append(notice) }
        guard case .inMemory(let error, carriedOver: false)? = notices.first, notices.count == 1 else {
            Issue.record("unexpected \(notices)")
            return
        }
        #expect(error.code == ENOENT)
    }

    @Test("Another program's database is renamed and kept, never altered")
    func foreign() async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("state.db")
        write([], to: path)
        do {
            let other = try Database(file: path, access: .readWrite)
            try other.run("CREATE TABLE precious (value TEXT)")
        }
        let before = contents(path)
        let store = await openStore(.file(path))
        let aside = path + ".foreign-20261123T184937Z"
        #expect(store.opening == [.foreign(path: path, renamedTo: aside)])
        #expect(contents(aside) == before)
        try await expectWorks(store)
    }

    @Test(
        "What is no regular file is left alone, and state lives in memory", arguments: ["directory", "pipe"])
    func notAFile(kind: String) async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("state.db")
        if kind == "pipe" { mkfifo(path, 0o600) } else { mkdir(path, 0o700) }
        let store = await openStore(.file(path))
        guard case .inMemory(let error, carriedOver: false)? = store.opening.first else {
            Issue.record("unexpected \(store.opening)")
            return
        }
        #expect(error.kind == .inputOutput)
        #expect(error.detail == "not a regular file")
        #expect(await !store.isDurable)
        #expect(directory.names == ["state.db"])
        try await expectWorks(store)
    }

    @Test(
        "A place that cannot exist falls back to memory",
        arguments: ["", "/dev/null/state.db", "/proc/none/state.db"])
    func nowhere(path: String) async throws {
        let store = await openStore(.file(path))
        guard case .inMemory(_, carriedOver: false)? = store.opening.first else {
            Issue.record("unexpected \(store.opening)")
            return
        }
        try await expectWorks(store)
    }

    @Test(
        "A name that means something to SQLite is still a file",
        arguments: [":memory:", "file:x?mode=memory", "a%20b#c?d"])
    func oddNames(name: String) async throws {
        let directory = TemporaryDirectory()
        let path = directory.file(name)
        try await filled(path)
        let store = await openStore(.file(path))
        #expect(try await store.target("thermostat1", hub: testHub) == target)
        let copy = try Database()
        await store.close()
        try copy.copy(from: Database(file: path, access: .immutable))
        #expect(try copy.integer("SELECT count(*) FROM target") == 1)
    }

    @Test("A disk that fills up while running is a clear error, and what was stored stays")
    func fullWhileRunning() async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("state.db")
        try await filled(path)
        let store = await openStore(.file(path))
        try await store.perform("limit") { (database) throws(StoreError) in
            try database.run("PRAGMA max_page_count = 1")
        }
        let big = String(repeating: "y", count: 100_000)
        let failure = await #expect(throws: StoreError.self) {
            try await store.confirmReports(["big": big], hub: testHub)
        }
        #expect(failure?.kind == .full)
        #expect(failure?.description.contains("df -h") == true)
        #expect(try await store.target("thermostat1", hub: testHub) == target)
        #expect(try await store.confirmedReports(hub: testHub)["big"] == nil)
    }
}
