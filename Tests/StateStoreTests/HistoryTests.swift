// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Testing

@testable import StateStore

@Suite("History", .timeLimit(.minutes(10))) struct HistoryTests {
    /// The start of a slot and of an hour.
    private let noon = WallTime(millisecondsSince1970: 1_795_435_200_000)

    private func rig(history: HistoryLimits = HistoryLimits()) async -> TelemetryRig {
        let rig = await TelemetryRig(history: history)
        rig.wall = noon
        return rig
    }

    /// One sample every eight seconds, with the values that `value` gives; moved every minute where that is asked for.
    private func run(
        _ rig: TelemetryRig, for duration: Duration, moving: Bool = true, value: (Int) -> Double
    ) async {
        for index in 0..<Int(duration.seconds / 8) {
            let stored = await rig.store.append([rig.sample("thermostat1", value(index))])
            await rig.store.remove(stored.map(\.key))
            rig.pass(.seconds(8))
            if moving, index % 8 == 7 { _ = await rig.store.sync(at: rig.moment) }
        }
    }

    private func summary(_ rig: TelemetryRig, since: WallTime) async -> HistorySummary? {
        await rig.store.summary(of: "thermostat1", since: since, until: rig.wall ?? noon)
    }

    @Test("Minimum, maximum and average are exact while single samples are there, wherever the time begins")
    func exact() async {
        let rig = await rig()
        await run(rig, for: .seconds(3_600)) { Double($0) }
        for skipped in [0, 1, 17, 37, 38, 200, 449] {
            let since = noon.advanced(by: .seconds(8 * skipped))
            let found = await summary(rig, since: since)
            #expect(found?.minimum == Double(skipped))
            #expect(found?.maximum == 449)
            #expect(found?.count == Int64(450 - skipped))
            #expect(found?.average == Double(skipped + 449) / 2)
            #expect(found?.start == since)
            #expect(found?.end == noon.advanced(by: .seconds(8 * 449)))
            #expect(found?.isComplete == true)
        }
        #expect(await summary(rig, since: noon.advanced(by: .seconds(8 * 450))) == nil)
        #expect(
            await rig.store.summary(of: "thermostat2", since: noon, until: noon.advanced(by: .seconds(3_600)))
                == nil)
    }

    @Test("A killed process changes nothing, at whatever point between the tiers it ends")
    func killed() async throws {
        let rig = await rig()
        for round in 0..<10 {
            await run(rig, for: .seconds(64), moving: false) { _ in Double(round) }
            switch round % 3 {
            case 0: _ = await rig.store.sync(at: rig.moment)
            case 1:
                let batch = await rig.store.young.begin(limit: 100)
                _ = try await rig.disk.absorb(batch, limits: rig.limits, at: rig.moment)
            default: _ = await rig.store.young.begin(limit: 100)
            }
            await rig.restart()
            let found = await summary(rig, since: noon)
            #expect(found?.count == Int64(8 * (round + 1)))
            #expect(found?.maximum == Double(round))
        }
    }

    @Test(
        "A power cut leaves what was moved, and a slot that begins before the time asked for is left out and shows so"
    )
    func powerCut() async {
        let rig = await rig()
        await run(rig, for: .seconds(640)) { Double($0) }
        await rig.append(1)
        await rig.cutPower()
        #expect(await summary(rig, since: noon)?.count == 80)
        let since = noon.advanced(by: .seconds(100))
        let found = await summary(rig, since: since)
        #expect(found?.start == noon.advanced(by: .seconds(304)))
        #expect(found?.minimum == 38)
    }

    @Test("Pauses are counted, at the beginning, between and at the end")
    func gaps() async {
        let rig = await rig()
        await run(rig, for: .seconds(600)) { _ in 1 }
        #expect(await summary(rig, since: noon)?.gaps == 0)
        rig.pass(.seconds(1_800))
        #expect(await summary(rig, since: noon)?.gaps == 1)
        await run(rig, for: .seconds(600)) { _ in 1 }
        #expect(await summary(rig, since: noon)?.gaps == 1)
        #expect(await summary(rig, since: noon.advanced(by: .seconds(-7_200)))?.gaps == 2)
        rig.pass(.seconds(1_800))
        let found = await summary(rig, since: noon.advanced(by: .seconds(-7_200)))
        #expect(found?.gaps == 3)
        #expect(found?.isComplete == false)
    }

    @Test("Simulated samples and those of no known date are kept apart; a date that comes later puts them in")
    func apart() async {
        let rig = await rig()
        _ = await rig.store.append([
            rig.sample("thermostat1", 1), rig.sample("thermostat1", 50, simulated: true),
        ])
        rig.wall = nil
        rig.pass(.seconds(8))
        _ = await rig.store.append([rig.sample("thermostat1", 3)])
        let later = noon.advanced(by: .seconds(60))
        for expected in [1, 3] {
            let real = await rig.store.summary(of: "thermostat1", since: noon, until: later)
            #expect(real?.maximum == Double(expected))
            let simulated = await rig.store.summary(
                of: "thermostat1", since: noon, until: later, simulated: true)
            #expect(simulated?.minimum == 50 && simulated?.count == 1)
            await rig.store.noteBootClock(rig.boot, wallAtBoot: noon.advanced(by: .seconds(-10)))
        }
    }

    @Test("Old slots become hours, and old hours go: what is left is exact, and what is gone shows")
    func rollUp() async throws {
        let rig = await rig(history: HistoryLimits(fine: .seconds(7_200), coarse: .seconds(6 * 3_600)))
        await run(rig, for: .seconds(5 * 3_600)) { Double($0) }
        let all = await summary(rig, since: noon)
        #expect(all?.count == 2_250 && all?.minimum == 0 && all?.maximum == 2_249 && all?.isComplete == true)
        let fromThird = await summary(rig, since: noon.advanced(by: .seconds(2 * 3_600)))
        #expect(fromThird?.minimum == 900 && fromThird?.count == 1_350)
        // In the middle of an hour that is one row.
        let inFirst = await summary(rig, since: noon.advanced(by: .seconds(600)))
        #expect(inFirst?.start == noon.advanced(by: .seconds(3_600)))
        await run(rig, for: .seconds(3 * 3_600)) { _ in 1 }
        let later = await summary(rig, since: noon)
        #expect(later?.start ?? noon > noon && later?.isComplete == false)
        let rows = try await rig.disk.perform("count") { (database) throws(StoreError) in
            try database.integer("SELECT (SELECT count(*) FROM bucket) + (SELECT count(*) FROM hour)")
        }
        #expect(rows ?? 0 < 60)
    }

    @Test("A clock that runs years ahead for a while drops nothing of the history")
    func farClock() async throws {
        let rig = await rig(history: HistoryLimits(fine: .seconds(7_200), coarse: .seconds(8 * 3_600)))
        await run(rig, for: .seconds(5 * 3_600)) { Double($0) }
        let here = rig.wall
        rig.wall = noon.advanced(by: .seconds(20 * 365 * 86_400))
        await run(rig, for: .seconds(600)) { _ in -5 }
        rig.wall = here
        rig.pass(.seconds(600))
        await run(rig, for: .seconds(600)) { _ in 1 }
        let found = await summary(rig, since: noon)
        #expect(found?.count == 2_325)
        #expect(found?.minimum == 0 && found?.maximum == 2_249)
    }

    @Test("Thirty days of samples every eight seconds are answered exactly")
    func thirtyDays() async throws {
        let rig = await rig()
        // As thirty days leave it: a bucket for each slot, rolled up by the store itself.
        try await rig.disk.perform("fill") { [noon] (database) throws(StoreError) in
            try database.transaction { () throws(StoreError) in
                for slot in 0..<(30 * 288) {
                    let wall = noon.advanced(by: .seconds(300 * slot))
                    var bucket = Bucket(
                        stream: "thermostat1", isSimulated: false, value: Double(slot), at: wall)
                    for sample in 1..<37 {
                        bucket.merge(
                            Bucket(
                                stream: "thermostat1", isSimulated: false, value: Double(slot),
                                at: wall.advanced(by: .seconds(8 * sample))))
                    }
                    try database.merge(bucket, into: "bucket")
                }
            }
        }
        rig.pass(.seconds(30 * 86_400))
        await run(rig, for: .seconds(7_200)) { _ in 1 }
        let found = await summary(rig, since: noon.advanced(by: .seconds(3_600)))
        #expect(found?.count == Int64((30 * 288 - 12) * 37 + 900))
        #expect(found?.isComplete == true)
    }
}
