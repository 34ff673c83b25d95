// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
import Testing

@testable import StateStore

/// Where there is no tmpfs the young file lies on a disk, is written without a sync, and comes through a power cut as it
/// was some time before.
@Suite("A young file that is on no tmpfs", .timeLimit(.minutes(10))) struct YoungOnDiskTests {
    /// The power is cut, and both files come back, the young one as it was earlier.
    private func cutPower(_ rig: TelemetryRig, backTo earlier: [UInt8]) async {
        await rig.cutPower { write(earlier, to: rig.youngPath) }
    }

    /// The young file with everything in it, as after the kernel wrote it out.
    private func youngFile(_ rig: TelemetryRig) async -> [UInt8] {
        await rig.restart()
        return contents(rig.youngPath)
    }

    @Test("It comes back as it was before its last numbers: none is given again", arguments: [false, true])
    func reverted(isKnown: Bool) async {
        let rig = await TelemetryRig { paths in
            // Without a disk that takes reservations the series is known to the young file alone.
            if !isKnown { mkdir(paths.disk, 0o700) }
        }
        await rig.append(3)
        _ = await rig.store.sync(at: rig.moment)
        let earlier = await youngFile(rig)
        let used = Set(await rig.append(20).map(\.key))
        await rig.store.remove(Array(used))
        _ = await rig.store.sync(at: rig.moment)
        await cutPower(rig, backTo: earlier)
        for _ in 0..<3 {
            #expect(await rig.append(15).allSatisfy { !used.contains($0.key) })
            _ = await rig.store.sync(at: rig.moment)
        }
    }

    @Test("What it holds is offered under the numbers that it had, and counts on from there")
    func kept() async {
        let rig = await TelemetryRig()
        let stored = await rig.append(3)
        let earlier = await youngFile(rig)
        await cutPower(rig, backTo: earlier)
        let later = await rig.append(1)
        #expect(await rig.store.oldest(limit: 9) == stored + later)
        #expect(later[0].key.sequence == 4)
    }

    @Test("A young tier that has its file again says where what lay there before has gone")
    func setAside() async {
        let rig = await TelemetryRig { paths in mkdir(paths.young + "-wal", 0o700) }
        let stored = await rig.append(3)
        rmdir(rig.youngPath + "-wal")
        _ = await rig.store.sync(at: rig.moment)
        #expect(await rig.store.oldest(limit: 9) == stored)
        await rig.store.close()
        var said: [StoreNotice] = []
        for await notice in rig.store.notices { said.append(notice) }
        guard case .youngRecovered(_, let name?)? = said.last else {
            Issue.record("unexpected \(said)")
            return
        }
        #expect(name.hasPrefix(rig.youngPath + ".before-"))
        #expect(listing(rig.directory.file("run")).contains { name.hasSuffix("/\($0)") })
        #expect("\(said[said.count - 1])".hasSuffix("is kept as \(name)."))
    }

    @Test("A young tier that cannot have its file again leaves nothing behind, however often it tries")
    func noLitter() async throws {
        let rig = await TelemetryRig { paths in mkdir(paths.young + "-wal", 0o700) }
        // What is in the way must not be moved out of it.
        let taken = "\(rig.youngPath).before-\(try #require(rig.moment.wall).compactUTC)-wal"
        mkdir(taken, 0o700)
        mkdir("\(taken)/full", 0o700)
        let stored = await rig.append(3)
        #expect(await !rig.store.status.youngIsDurable)
        for _ in 0..<5 { _ = await rig.store.sync(at: rig.moment) }
        #expect(await !rig.store.status.youngIsDurable)
        // The empty file of the start, once.
        let names = listing(rig.directory.file("run"))
        #expect(names.count { $0.contains("before") && !$0.hasSuffix("-wal") } <= 1, "\(names)")
        rmdir(rig.youngPath + "-wal")
        _ = await rig.store.sync(at: rig.moment)
        #expect(await rig.store.status.youngIsDurable)
        #expect(await rig.store.oldest(limit: 9) == stored)
    }
}
