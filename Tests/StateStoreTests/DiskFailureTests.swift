// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CSQLite
import Glibc
import Quantities
import Testing

@testable import StateStore

/// SQLite's `SQLITE_IOERR_WRITE` and `SQLITE_IOERR_FSYNC`, which are macros that Swift does not import.
private let failedWrite = SQLITE_IOERR | 3 << 8
private let failedSync = SQLITE_IOERR | 4 << 8

@Suite("Disks that fail", .timeLimit(.minutes(10))) struct DiskFailureTests {
    /// The notices so far; ends the rig.
    private func notices(of rig: TelemetryRig) async -> [StoreNotice] {
        await rig.store.close()
        var notices: [StoreNotice] = []
        for await notice in rig.store.notices { notices.append(notice) }
        return notices
    }

    private func kind(_ result: SyncResult) -> StoreError.Kind? {
        if case .failed(let error) = result { error.kind } else { nil }
    }

    @Test(
        "A disk that fails is said once, holds up nothing, and gets everything when it works again",
        arguments: [
            (SQLITE_FULL, 0 as Int32, StoreError.Kind.full), (SQLITE_READONLY, 0, .readOnly),
            (failedWrite, EIO, .inputOutput), (failedSync, EIO, .inputOutput),
        ], [0, 1, 3])
    func failing(_ failure: (code: Int32, systemError: Int32, kind: StoreError.Kind), after: Int) async throws
    {
        let rig = await TelemetryRig(recorder: Recorder())
        let safe = await rig.append(3)
        #expect(await rig.store.sync(at: rig.moment) == .done(moved: 3))
        rig.recorder?.fail(failure.code, systemError: failure.systemError, after: after)
        var used = Set(safe.map(\.key))
        for _ in 0..<3 {
            for key in await rig.append(30).map(\.key) { #expect(used.insert(key).inserted) }
            await rig.store.remove([safe[0].key])
            #expect(kind(await rig.store.sync(at: rig.moment)) == failure.kind)
            #expect(await !rig.store.status.diskIsDurable)
        }
        rig.recorder?.recover()
        guard case .done = await rig.store.sync(at: rig.moment) else {
            Issue.record("the disk works again")
            return
        }
        #expect(await rig.store.status.diskIsDurable)
        #expect(await rig.waiting() == Array(2...93))
        #expect(try await rig.disk.outboxCount() == 92)
        let said = await notices(of: rig)
        #expect(said.count == 2 && said.last == .diskAvailable)
        guard case .diskUnavailable(let error, _)? = said.first else {
            Issue.record("unexpected \(said)")
            return
        }
        #expect(error.kind == failure.kind)
        #expect("\(error)".hasSuffix("."))
    }

    @Test("Numbers given while the disk fails are not given again after a power cut in that time")
    func failingThenCut() async {
        for code in [SQLITE_FULL, failedSync] {
            let rig = await TelemetryRig(recorder: Recorder())
            var used = Set(await rig.append(5).map(\.key))
            for _ in 0..<4 {
                rig.recorder?.fail(code, systemError: EIO)
                for _ in 0..<3 {
                    for key in await rig.append(25).map(\.key) { #expect(used.insert(key).inserted) }
                    _ = await rig.store.sync(at: rig.moment)
                }
                rig.recorder?.recover()
                await rig.cutPower()
            }
        }
    }

    @Test("A disk that hangs delays no sample, acknowledgement, offer of what is young or word on it")
    func hanging() async {
        let rig = await TelemetryRig(recorder: Recorder())
        await rig.append(2)
        rig.recorder?.hold(true)
        let (store, moment) = (rig.store, rig.moment)
        let sync = Task { await store.sync(at: moment) }
        while await store.young.movingThrough < 2 { await Task.yield() }
        let stored = await rig.append(40)
        await rig.store.remove(stored.prefix(39).map(\.key))
        #expect(await rig.waiting() == [1, 2, 42])
        #expect(await rig.store.sync(at: moment) == .underWay)
        #expect(await rig.store.status.waiting == 3)
        rig.recorder?.hold(false)
        #expect(await sync.value == .done(moved: 2))
        #expect(await rig.waiting() == [1, 2, 42])
    }

    @Test(
        "A state file that could not be written at the start is used again, with what was set in the meantime"
    )
    func recovers() async throws {
        let rig = await TelemetryRig()
        let early = await rig.append(2)
        _ = await rig.store.sync(at: rig.moment)
        let target = StoredTarget(celsius: 18, desiredVersion: 3, acceptedAt: nil)
        try await rig.disk.acceptDesired(["old": target], version: 3, hub: testHub)
        await rig.store.close()
        await rig.disk.close()
        // Where a directory is, no file can be, not even for root.
        rename(rig.diskPath, rig.diskPath + ".away")
        mkdir(rig.diskPath, 0o700)
        await rig.open()
        #expect(await !rig.disk.isDurable)
        try await rig.disk.acceptDesired(["new": target], version: 4, hub: testHub)
        let late = await rig.append(2)
        #expect(kind(await rig.store.sync(at: rig.moment)) == .readOnly)
        rmdir(rig.diskPath)
        rename(rig.diskPath + ".away", rig.diskPath)
        #expect(await rig.store.sync(at: rig.moment) == .done(moved: 2))
        #expect(await rig.disk.isDurable)
        await rig.cutPower()
        #expect(await rig.store.oldest(limit: 9) == early + late)
        #expect(try await rig.disk.target("old", hub: testHub) == target)
        #expect(try await rig.disk.target("new", hub: testHub) == target)
        #expect(try await rig.disk.desiredVersion(hub: testHub) == 4)
    }

    @Test("A young tier that cannot have its file runs in memory and says so, and gets the file when it can")
    func youngRecovers() async {
        let rig = await TelemetryRig { paths in mkdir(paths.young, 0o700) }
        guard case .youngInMemory? = rig.store.opening.first, rig.store.opening.count == 1 else {
            Issue.record("unexpected \(rig.store.opening)")
            return
        }
        let stored = await rig.append(3)
        #expect(await !rig.store.status.youngIsDurable)
        #expect(await rig.store.oldest(limit: 9) == stored)
        rmdir(rig.youngPath)
        #expect(await rig.store.sync(at: rig.moment) == .done(moved: 3))
        #expect(await rig.store.status.youngIsDurable)
        let later = await rig.append(1)
        await rig.restart()
        #expect(await rig.store.oldest(limit: 9) == stored + later)
    }

    @Test("A young file that gets damaged is set aside; the numbers go on, and no id is used twice")
    func youngDamaged() async {
        let rig = await TelemetryRig()
        var used = Set(await rig.append(20).map(\.key))
        await rig.store.close()
        write([UInt8](repeating: 0xA5, count: 8_192), to: rig.youngPath)
        await rig.restart()
        guard case .damaged? = rig.store.opening.first else {
            Issue.record("unexpected \(rig.store.opening)")
            return
        }
        for key in await rig.append(100).map(\.key) { #expect(used.insert(key).inserted) }
    }

    @Test("A garbled state file is set aside, and what the young tier holds goes into the new one")
    func diskDamaged() async throws {
        let rig = await TelemetryRig()
        let series = await rig.append(20)[0].series
        _ = await rig.store.sync(at: rig.moment)
        let young = await rig.append(2)
        await rig.store.close()
        await rig.disk.close()
        write([UInt8](repeating: 0xA5, count: contents(rig.diskPath).count), to: rig.diskPath)
        await rig.open()
        #expect(rig.disk.opening.contains { if case .damaged = $0 { true } else { false } })
        #expect(await rig.store.oldest(limit: 99) == young)
        #expect(await rig.store.sync(at: rig.moment) == .done(moved: 2))
        await rig.cutPower()
        #expect(await rig.store.oldest(limit: 99) == young)
        let next = await rig.append(1)[0].key
        #expect(next.series == series && next.sequence > 22)
    }

    @Test("A file that is damaged while it is in use is replaced at the next move")
    func diskDamagedWhileOpen() async throws {
        let rig = await TelemetryRig()
        await rig.append(2_000)
        _ = await rig.store.sync(at: rig.moment)
        try await rig.disk.perform("write it out and forget it") { (database) throws(StoreError) in
            try database.run("PRAGMA wal_checkpoint(TRUNCATE)")
            try database.run("PRAGMA shrink_memory")
        }
        write([UInt8](repeating: 0xA5, count: contents(rig.diskPath).count), to: rig.diskPath)
        let young = await rig.append(2)
        _ = await rig.store.sync(at: rig.moment)
        #expect(await rig.store.sync(at: rig.moment) == .done(moved: 0))
        #expect(await rig.store.oldest(limit: 99) == young)
        #expect(listing(rig.directory.file("state")).contains("state.sqlite.damaged"))
    }
}
