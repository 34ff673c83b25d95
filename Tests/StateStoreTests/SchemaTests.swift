// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Testing

@testable import StateStore

@Suite("Schema") struct SchemaTests {
    /// What each released version looked like, with one row per table: never edited, only added to.
    private static let released: [[String]] = [first, second, third]

    private static let second: [String] =
        Array(first.dropLast()) + [
            """
            CREATE TABLE thermostat (name TEXT NOT NULL PRIMARY KEY, celsius REAL, mode TEXT, latch TEXT,
            boot_id TEXT, off_at_ms INTEGER, cycles INTEGER NOT NULL, on_time_ms INTEGER NOT NULL)
            STRICT, WITHOUT ROWID
            """,
            "INSERT INTO thermostat VALUES ('thermostat2', 19.5, 'heat', NULL, 'boot', 5000, 42, 3600000)",
            "PRAGMA user_version = 2",
        ]

    private static let third: [String] =
        Array(second.dropLast()) + [
            "CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT",
            """
            CREATE TABLE outbox (id INTEGER PRIMARY KEY, series INTEGER NOT NULL, stream INTEGER NOT NULL,
            sequence INTEGER NOT NULL, telemetry INTEGER NOT NULL, value REAL NOT NULL, simulated INTEGER NOT NULL,
            boot INTEGER NOT NULL, since_boot_ms INTEGER NOT NULL, wall_ms INTEGER,
            UNIQUE (sequence, stream, series)) STRICT
            """,
            """
            CREATE TABLE boot_clock (boot TEXT NOT NULL PRIMARY KEY, wall_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE counter (name TEXT NOT NULL PRIMARY KEY, number INTEGER, text TEXT) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE bucket (start_ms INTEGER NOT NULL, stream TEXT NOT NULL, simulated INTEGER NOT NULL,
            minimum REAL NOT NULL, maximum REAL NOT NULL, sum REAL NOT NULL, count INTEGER NOT NULL,
            first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, slots INTEGER NOT NULL,
            PRIMARY KEY (start_ms, stream, simulated)) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE hour (start_ms INTEGER NOT NULL, stream TEXT NOT NULL, simulated INTEGER NOT NULL,
            minimum REAL NOT NULL, maximum REAL NOT NULL, sum REAL NOT NULL, count INTEGER NOT NULL,
            first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, slots INTEGER NOT NULL,
            PRIMARY KEY (start_ms, stream, simulated)) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE dps_assignment (scope TEXT NOT NULL, registration TEXT NOT NULL, fingerprint TEXT NOT NULL,
            hub TEXT NOT NULL, device TEXT NOT NULL, assigned_at INTEGER, PRIMARY KEY (scope, registration))
            STRICT, WITHOUT ROWID
            """,
            "CREATE TABLE event (id INTEGER PRIMARY KEY, at INTEGER, kind TEXT NOT NULL, json TEXT NOT NULL) STRICT",
            "INSERT INTO word VALUES (1, 'cafe0123'), (2, 'thermostat1'), (3, 'temperature'), (4, 'boot')",
            "INSERT INTO outbox VALUES (1, 1, 2, 41, 3, 21.5, 0, 4, 5000, 1000)",
            "INSERT INTO counter VALUES ('series', NULL, 'cafe0123'), ('reserved thermostat1', 73, NULL)",
            """
            INSERT INTO dps_assignment VALUES ('0ne1', 'Device-1', 'print', 'example.azure-devices.net',
            'Device-1', 1000)
            """,
            "INSERT INTO event VALUES (7, 1000, 'reboot', '{}')",
            "ALTER TABLE thermostat ADD COLUMN locked_until_ms INTEGER",
            "UPDATE thermostat SET locked_until_ms = 905000", "PRAGMA user_version = 3",
        ]

    private static let first: [String] = [
        """
        CREATE TABLE target (hub TEXT NOT NULL, device TEXT NOT NULL, thermostat TEXT NOT NULL,
        celsius REAL NOT NULL, desired_version INTEGER, accepted_at INTEGER,
        PRIMARY KEY (hub, device, thermostat)) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE desired (hub TEXT NOT NULL, device TEXT NOT NULL, version INTEGER NOT NULL,
        PRIMARY KEY (hub, device)) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE confirmed_report (hub TEXT NOT NULL, device TEXT NOT NULL, path TEXT NOT NULL,
        value TEXT NOT NULL, PRIMARY KEY (hub, device, path)) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE maximum (thermostat TEXT NOT NULL PRIMARY KEY, boot_id TEXT NOT NULL,
        celsius REAL NOT NULL) STRICT, WITHOUT ROWID
        """,
        "INSERT INTO target VALUES ('example.azure-devices.net', 'Device-1', 'thermostat1', 21.5, 7, 1000)",
        "INSERT INTO desired VALUES ('example.azure-devices.net', 'Device-1', 7)",
        "INSERT INTO confirmed_report VALUES ('example.azure-devices.net', 'Device-1', 'serialNumber', '\"a\"')",
        "INSERT INTO maximum VALUES ('thermostat1', 'boot', 30.25)",
        "PRAGMA application_id = 0x536E4167",
        "PRAGMA user_version = 1",
    ]

    private func make(_ path: String, _ statements: [String]) throws(StoreError) {
        write([], to: path)
        let database = try Database(file: path, access: .readWrite)
        for statement in statements { try database.run(statement) }
    }

    @Test("Every released version is represented in these tests")
    func allVersions() {
        #expect(Schema.current.version == Self.released.count)
    }

    @Test(
        "A file of any released version opens with everything it held", arguments: 1...Schema.current.version)
    func fromEveryVersion(version: Int) async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("state.db")
        try make(path, Self.released[version - 1])
        let store = await openStore(.file(path))
        let expected: [StoreNotice] =
            version == Schema.current.version ? [] : [.migrated(from: version, to: Schema.current.version)]
        #expect(store.opening == expected)
        let target = try await store.target("thermostat1", hub: testHub)
        #expect(target?.celsius == 21.5)
        #expect(target?.desiredVersion == 7)
        #expect(target?.acceptedAt?.millisecondsSince1970 == 1_000)
        #expect(try await store.desiredVersion(hub: testHub) == 7)
        #expect(try await store.confirmedReports(hub: testHub) == ["serialNumber": "\"a\""])
        #expect(try await store.maximumTemperature("thermostat1", bootID: "boot") == 30.25)
        try await expectTelemetry(in: store, ofVersion: version)
        let memory = try await store.memory(of: "thermostat2")
        #expect((memory == nil) == (version < 2))
        if let memory {
            #expect(memory.target == 19.5 && memory.mode == "heat" && memory.latch == nil)
            #expect(memory.bootID == "boot" && memory.offAt == .seconds(5))
            #expect(memory.lockedUntil == (version < 3 ? nil : .seconds(905)))
            #expect(memory.cycles == 42 && memory.onTime == .seconds(3600))
        }
    }

    private func expectTelemetry(in store: StateStore, ofVersion version: Int) async throws {
        let waiting = try await store.outbox(after: 0, limit: 10).map(\.sample.key)
        #expect(
            waiting
                == (version < 3 ? [] : [SampleKey(stream: "thermostat1", sequence: 41, series: "cafe0123")]))
        let assignment = try await store.hubAssignment(
            idScope: "0ne1", registrationID: "Device-1", keyFingerprint: "print")
        #expect((assignment?.hub == "example.azure-devices.net") == (version >= 3))
        #expect(try await store.events(limit: 10).map(\.id) == (version < 3 ? [] : [7]))
        let claimed = try await store.claimNumbering(epoch: "e", newSeries: { "fresh" })
        #expect(claimed.series == (version < 3 ? "fresh" : "cafe0123"))
        #expect(claimed.streams["thermostat1"]?.last == (version < 3 ? nil : 73))
        let pages = try await store.perform("look") { (database) throws(StoreError) in
            try database.integer("PRAGMA page_size")
        }
        #expect(pages == 512)
    }

    @Test("What is left of a thermostat comes back as it was, and a later one takes its place")
    func thermostatMemory() async throws {
        let store = await openStore(.memory)
        var memory = ThermostatMemory()
        memory.target = 21.5
        memory.latch = "asked for"
        memory.cycles = 7
        memory.lockedUntil = .seconds(9)
        memory.onTime = .milliseconds(1_234)
        for mode in [nil, "cool"] {
            memory.mode = mode
            try await store.setMemory(memory, of: "thermostat1")
            #expect(try await store.memory(of: "thermostat1") == memory)
        }
        #expect(try await store.memory(of: "thermostat2") == nil)
        memory.target = .nan
        await #expect(throws: StoreError.self) { try await store.setMemory(memory, of: "thermostat1") }
    }

    @Test("The proof of an off time is given once, and never where it cannot be taken back")
    func proofOnce() async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("state.db")
        let store = await openStore(.file(path))
        var memory = ThermostatMemory()
        (memory.target, memory.bootID, memory.offAt) = (21, "boot", .seconds(5))
        try await store.setMemory(memory, of: "thermostat1")
        #expect(try await store.takeMemory(of: "thermostat1") == memory)
        try await store.setMemory(memory, of: "thermostat1")
        try await store.perform("refuse to write") { (database) throws(StoreError) in
            try database.run("PRAGMA query_only = ON")
        }
        memory.offAt = nil
        #expect(try await store.takeMemory(of: "thermostat1") == memory)
        try await store.perform("write again") { (database) throws(StoreError) in
            try database.run("PRAGMA query_only = OFF")
        }
        _ = try await store.takeMemory(of: "thermostat1")
        #expect(try await store.takeMemory(of: "thermostat1") == memory)
        #expect(try await store.takeMemory(of: "thermostat2") == nil)
    }

    @Test(
        "A file that cannot be written gives no proof of an off time, else every later run would have it again"
    )
    func proofInMemory() async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("state.db")
        var store = await openStore(.file(path))
        var memory = ThermostatMemory()
        (memory.target, memory.bootID, memory.offAt) = (21, "boot", .seconds(5))
        try await store.setMemory(memory, of: "thermostat1")
        await store.close()
        let holder = try Database(file: path, access: .readWrite)
        try holder.run("BEGIN IMMEDIATE")
        store = await openStore(.file(path))
        #expect(await !store.isDurable)
        memory.offAt = nil
        #expect(try await store.takeMemory(of: "thermostat1") == memory)
        try holder.run("ROLLBACK")
        #expect(await store.recover(at: nil))
        #expect(try await store.takeMemory(of: "thermostat1") == memory)
    }

    @Test("Later steps run once, in order, and the data stay")
    func forward() async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("state.db")
        try make(path, Self.released[0])
        let later = Schema(
            steps: [
                Schema.current.steps[0], ["ALTER TABLE target ADD COLUMN note TEXT"],
                ["UPDATE target SET note = 'step 3'"],
            ])
        for expected in [[StoreNotice.migrated(from: 1, to: 3)], []] {
            let store = await openStore(.file(path), schema: later)
            #expect(store.opening == expected)
            #expect(try await store.target("thermostat1", hub: testHub)?.celsius == 21.5)
            let notes = try await store.perform("look") { (database) throws(StoreError) in
                try database.rows("SELECT note FROM target") { $0.text(0) }
            }
            #expect(notes == ["step 3"])
            await store.close()
        }
    }

    @Test("A step that fails leaves the version before it, whole, and the agent runs in memory")
    func failingStep() async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("state.db")
        try make(path, Self.released[0])
        let broken = Schema(
            steps: [
                Schema.current.steps[0], ["CREATE TABLE second (x TEXT) STRICT"],
                ["DELETE FROM target", "CREATE TABLE second (y TEXT) STRICT"],
            ])
        let store = await openStore(.file(path), schema: broken)
        guard case .inMemory(let error, _)? = store.opening.first else {
            Issue.record("unexpected \(store.opening)")
            return
        }
        #expect(error.kind == .misuse)
        await store.close()
        let file = try Database(file: path, access: .readWrite)
        #expect(try file.integer("PRAGMA user_version") == 2)
        #expect(try file.integer("SELECT count(*) FROM target") == 1)
    }

    @Test("A newer file is renamed and kept whole, and the message names both versions")
    func newer() async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("state.db")
        try make(path, Self.released[0] + ["PRAGMA user_version = 99"])
        let before = contents(path)
        let store = await openStore(.file(path))
        let aside = path + ".schema-99-20261123T184937Z"
        let notice = StoreNotice.newer(
            path: path, renamedTo: aside, version: 99, known: Schema.current.version)
        #expect(store.opening == [notice])
        #expect(notice.description.contains("99"))
        #expect(contents(aside) == before)
        #expect(await store.isDurable)
        #expect(try await store.target("thermostat1", hub: testHub) == nil)
    }
}
