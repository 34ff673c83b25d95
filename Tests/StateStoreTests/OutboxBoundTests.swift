// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Testing

@testable import StateStore

@Suite("Bounds of the outbox", .timeLimit(.minutes(10))) struct OutboxBoundTests {
    @Test("What waits on disk stays under its bytes, in the real file too, and the newest stay")
    func bytes() async throws {
        let limit = 400_000
        let rig = await TelemetryRig(limits: OutboxLimits(bytes: limit))
        var last: Int64 = 0
        for _ in 0..<40 {
            for stream in ["thermostat1", "thermostat2", ""] {
                last = await rig.append(100, stream).last?.key.sequence ?? 0
            }
            rig.pass(.seconds(60))
            _ = await rig.store.sync(at: rig.moment)
            #expect(try await rig.disk.outboxCount() <= limit / OutboxLimits.bytesPerRow)
        }
        try await rig.disk.perform("write it out") { (database) throws(StoreError) in
            try database.run("PRAGMA wal_checkpoint(TRUNCATE)")
        }
        #expect(contents(rig.diskPath).count < limit)
        let status = await rig.store.status
        #expect(status.bytes <= limit)
        #expect(status.waiting + status.thinned + status.dropped == 12_000)
        #expect(status.thinned > 0)
        let numbers = await rig.store.oldest(limit: 10_000).filter { $0.key.stream.isEmpty }.map(
            \.key.sequence)
        #expect(numbers.last == last)
        // The newer half has every number, the older ones fewer and fewer.
        let newer = numbers.suffix(numbers.count / 3)
        #expect(Array(newer) == Array((last - Int64(newer.count) + 1)...last))
        #expect(numbers == numbers.sorted())
        await rig.store.close()
        var said = 0
        for await notice in rig.store.notices {
            if case .outboxFull = notice { said += 1 }
        }
        #expect(said == 1)
    }

    @Test("Old rows are thinned to every second, fourth, eighth, sixteenth, and only then dropped")
    func thinning() throws {
        let database = try Database()
        try Schema.current.migrate(database, from: 0)
        var next: Int64 = 1
        var dropped = 0
        for round in 0..<200 {
            let samples = (0..<100).map { _ -> StoredSample in
                defer { next += 1 }
                return StoredSample(
                    key: SampleKey(stream: "a", sequence: next), series: "s", telemetry: "t", value: 1,
                    isSimulated: false, bootID: "b", sinceBoot: .zero, wall: nil)
            }
            try database.insert(samples)
            let freed = try database.thinOutbox(to: 1_000)
            if freed.dropped > 0, dropped == 0 { #expect(round > 20) }
            dropped += freed.dropped
            let counted = Int(try database.integer("SELECT count(*) FROM outbox") ?? 0)
            #expect(try database.outboxCount() == counted)
            #expect(counted <= 1_000)
            #expect(round < 10 || counted > 700)
        }
        #expect(dropped > 0)
        let oldest = try database.outbox(after: 0, limit: 10).map(\.sample.key.sequence)
        #expect(oldest.allSatisfy { $0.isMultiple(of: 16) })
    }

    @Test("Without a disk the young tier keeps to its own, smaller limit")
    func youngAlone() async {
        let rig = await TelemetryRig(limits: OutboxLimits(youngBytes: 100_000), recorder: Recorder())
        rig.recorder?.fail(13, systemError: 0)  // SQLITE_FULL
        for _ in 0..<30 { await rig.append(100) }
        _ = await rig.store.sync(at: rig.moment)
        let status = await rig.store.status
        #expect(status.bytes <= 100_000)
        #expect(status.waiting + status.thinned + status.dropped == 3_000)
        #expect(await rig.waiting().last == 3_000)
    }

    @Test("Rows that wait too long are dropped and counted; those whose age nobody knows are not")
    func age() async {
        let rig = await TelemetryRig(limits: OutboxLimits(age: .seconds(3_600)))
        await rig.append(5)
        _ = await rig.store.sync(at: rig.moment)
        rig.pass(.seconds(3_000))
        await rig.append(2)
        rig.pass(.seconds(1_000))
        _ = await rig.store.sync(at: rig.moment)
        #expect(await rig.waiting() == [6, 7])
        #expect(await rig.store.status.dropped == 5)
        let dated = rig.wall
        rig.wall = nil
        await rig.append(1)
        rig.pass(.seconds(86_400))
        rig.wall = dated?.advanced(by: .seconds(86_400))
        _ = await rig.store.sync(at: rig.moment)
        _ = await rig.store.sync(at: rig.moment)
        #expect(await rig.waiting() == [8])
    }

    @Test("A clock that is set years ahead, or back, ages nothing that this boot knows to be young")
    func ageWithoutClock() async {
        for step in [Duration.seconds(10 * 365 * 86_400), .seconds(-10 * 365 * 86_400)] {
            let rig = await TelemetryRig(limits: OutboxLimits(age: .seconds(3_600)))
            let right = rig.wall
            await rig.append(5)
            _ = await rig.store.sync(at: rig.moment)
            rig.wall = rig.wall?.advanced(by: step)
            rig.pass(.seconds(60))
            await rig.append(2)
            _ = await rig.store.sync(at: rig.moment)
            #expect(await rig.waiting() == Array(1...7))
            rig.wall = right?.advanced(by: .seconds(120))
            rig.sinceBoot += .seconds(60)
            _ = await rig.store.sync(at: rig.moment)
            #expect(await rig.waiting() == Array(1...7))
            #expect(await rig.store.status.dropped == 0)
        }
    }
}
