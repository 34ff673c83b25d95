// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Simulation
import Testing

@testable import StateStore

/// A run whose disk writes were recorded, with what had to be on the disk at each mark.
private struct RecordedRun {
    /// What a finished move, or a stored target, has made sure of.
    struct Promise: Equatable {
        var rows: [SampleKey] = []
        var target: Double?
        var reserved: Int64 = 0
    }

    var initial: [String: [UInt8]] = [:]
    var operations: [Recorder.Operation] = []
    var promises: [Promise] = []

    /// The last mark before an operation.
    func mark(before index: Int) -> Int {
        for operation in operations[..<index].reversed() {
            if case .mark(let number) = operation { return number }
        }
        return 0
    }
}

@Suite("Power cuts", .timeLimit(.minutes(10))) struct PowerCutTests {
    /// Moves, acknowledgements and targets, enough of them for several checkpoints of the log.
    private func record(rounds: Int, startingFrom old: [UInt8] = []) async throws -> RecordedRun {
        var run = RecordedRun()
        let recorder = Recorder()
        let rig = await TelemetryRig(recorder: recorder) { paths in
            if !old.isEmpty { write(old, to: paths.disk) }
        }
        if !old.isEmpty { run.initial = ["state.sqlite": old] }
        var random = SeededGenerator(seed: 7)
        run.promises.append(RecordedRun.Promise())
        try await rig.disk.perform("checkpoint often") { (database) throws(StoreError) in
            try database.run("PRAGMA wal_autocheckpoint = 30")
        }
        recorder.mark(0)
        for round in 1...rounds {
            var promise = run.promises[round - 1]
            if round.isMultiple(of: 4) {
                promise.target = Double(round)
                try await rig.disk.setTarget(
                    StoredTarget(celsius: Double(round), desiredVersion: nil, acceptedAt: nil), for: "t",
                    hub: testHub)
            } else {
                await rig.append(Int.random(in: 1...40, using: &random))
                let waiting = await rig.store.oldest(limit: 100_000).map(\.key)
                await rig.store.remove(waiting.filter { _ in Int.random(in: 0..<3, using: &random) == 0 })
                rig.pass(.seconds(60))
                #expect(await rig.store.sync(at: rig.moment) != .underWay)
                promise.rows = await rig.store.oldest(limit: 100_000).map(\.key)
                promise.reserved = promise.rows.last?.sequence ?? promise.reserved
            }
            run.promises.append(promise)
            recorder.mark(round)
        }
        await rig.store.close()
        await rig.disk.close()
        run.operations = recorder.operations
        return run
    }

    /// Opens what a power cut has left and compares it with what was promised.
    private func expectKept(
        _ image: DiskImage, of run: RecordedRun, cutAt index: Int, in directory: String, _ replay: Recorder
    ) async throws {
        image.store(in: directory)
        let store = await openStore(.file(directory + "/state.sqlite"), vfs: replay.name)
        defer { Task { await store.close() } }
        #expect(await store.isDurable)
        let renamed = store.opening.contains { if case .damaged = $0 { true } else { false } }
        #expect(!renamed, "damaged after operation \(index): \(store.opening)")
        let mark = run.mark(before: index)
        let found = RecordedRun.Promise(
            rows: try await store.outbox(after: 0, limit: .max).map(\.sample.key),
            target: try await store.target("t", hub: testHub)?.celsius)
        // What was under way at the cut may have been finished, or not.
        let fitting = run.promises[mark...min(mark + 1, run.promises.count - 1)]
        #expect(
            fitting.contains { $0.rows == found.rows && $0.target == found.target },
            "after operation \(index), mark \(mark)")
        let claimed = try await store.claimNumbering(epoch: "new", newSeries: { "new" })
        #expect(claimed.streams["thermostat1"]?.last ?? 0 >= run.promises[mark].reserved)
        await store.close()
    }

    @Test("After a cut behind any write, and within it, everything that a finished move has covered is there")
    func anyPrefix() async throws {
        let run = try await record(rounds: 24)
        let directory = TemporaryDirectory()
        let replay = Recorder()
        var image = DiskImage(run.initial)
        var random = SeededGenerator(seed: 1)
        #expect(run.operations.count > 200)
        for (index, operation) in run.operations.enumerated() {
            if case .mark = operation { continue }
            if case .write(let file, let offset, let bytes) = operation {
                var torn = image
                let part = Int.random(in: 1..<max(bytes.count, 2), using: &random)
                torn.apply(.write(file: file, offset: offset, bytes: Array(bytes.prefix(part))))
                try await expectKept(torn, of: run, cutAt: index, in: directory.file("torn"), replay)
            }
            image.apply(operation)
            try await expectKept(image, of: run, cutAt: index, in: directory.file("whole"), replay)
        }
    }

    @Test(
        "Writes that were not synced may be lost, torn, or arrive in any order: what was synced is there",
        arguments: [1, 2, 3])
    func unsynced(seed: UInt64) async throws {
        let run = try await record(rounds: 24)
        let directory = TemporaryDirectory()
        let replay = Recorder()
        var random = SeededGenerator(seed: seed)
        for _ in 0..<120 {
            let cut = Int.random(in: 1...run.operations.count, using: &random)
            let image = lossyImage(of: run, cutAt: cut, &random)
            try await expectKept(image, of: run, cutAt: cut, in: directory.file("lossy"), replay)
        }
    }

    @Test("A cut while an old file is brought to the new layout leaves what it held")
    func migration() async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("old.db")
        write([], to: path)
        do {
            let old = try Database(file: path, access: .readWrite)
            for statement in Schema.current.steps[0] + Schema.current.steps[1] { try old.run(statement) }
            try old.run(
                "INSERT INTO target VALUES ('example.azure-devices.net', 'Device-1', 't', 5, NULL, NULL)")
            try old.run("PRAGMA application_id = 0x536E4167")
            try old.run("PRAGMA user_version = 2")
            #expect(try old.integer("PRAGMA page_size") == 4_096)
        }
        var run = try await record(rounds: 1, startingFrom: contents(path))
        run.promises = run.promises.map { promise in
            var promise = promise
            promise.target = 5
            return promise
        }
        let replay = Recorder()
        var random = SeededGenerator(seed: 1)
        for cut in 1...run.operations.count {
            var image = DiskImage(run.initial)
            run.operations[..<cut].forEach { image.apply($0) }
            try await expectKept(image, of: run, cutAt: cut, in: directory.file("whole"), replay)
            let lossy = lossyImage(of: run, cutAt: cut, &random)
            try await expectKept(lossy, of: run, cutAt: cut, in: directory.file("lossy"), replay)
        }
    }

    /// What a disk may hold that has written nothing for certain but what was synced.
    private func lossyImage(of run: RecordedRun, cutAt cut: Int, _ random: inout SeededGenerator) -> DiskImage
    {
        var image = DiskImage(run.initial)
        var lastSync: [String: Int] = [:]
        for (index, operation) in run.operations[..<cut].enumerated() {
            if case .sync(let file) = operation { lastSync[file] = index }
            // The store syncs the directory before its opening is done.
            if case .mark(0) = operation {
                for case (let earlier, .delete(let file)) in run.operations[..<index].enumerated() {
                    lastSync[file] = earlier + 1
                }
            }
        }
        var loose: [Recorder.Operation] = []
        for (index, operation) in run.operations[..<cut].enumerated() {
            if index < lastSync[operation.file] ?? -1 {
                image.apply(operation)
            } else {
                loose.append(operation)
            }
        }
        for operation in loose.shuffled(using: &random) where Bool.random(using: &random) {
            guard case .write(let file, let offset, let bytes) = operation, Bool.random(using: &random) else {
                image.apply(operation)
                continue
            }
            let part = Int.random(in: 1..<max(bytes.count, 2), using: &random)
            image.apply(.write(file: file, offset: offset, bytes: Array(bytes.prefix(part))))
        }
        return image
    }
}
