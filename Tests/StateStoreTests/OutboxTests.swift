// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Testing

@testable import StateStore

@Suite("Outbox") struct OutboxTests {
    @Test("Samples come back as they were stored, oldest first, until they are acknowledged")
    func roundTrip() async {
        let rig = await TelemetryRig()
        let first = await rig.store.append([
            rig.sample("thermostat1", 21.5), rig.sample("", 3, simulated: true),
        ])
        rig.pass(.milliseconds(1_500))
        rig.wall = nil
        let second = await rig.store.append([rig.sample("thermostat1", -0.25)])
        #expect((first + second).map(\.key.sequence) == [1, 1, 2])
        #expect(await rig.store.oldest(limit: 10) == first + second)
        #expect(await rig.store.oldest(limit: 1) == [first[0]])
        #expect(await rig.store.oldest(limit: 10, excluding: [first[0].key]) == [first[1]] + second)
        await rig.store.remove([first[1].key])
        #expect(await rig.store.oldest(limit: 10) == [first[0]] + second)
        #expect(second[0].wall == nil && second[0].sinceBoot == .milliseconds(11_500))
        #expect(await rig.store.status.waiting == 2)
    }

    @Test("A killed process loses nothing: rows, numbers and acknowledgements go on")
    func restart() async {
        let rig = await TelemetryRig()
        let stored = await rig.append(3)
        await rig.store.remove([stored[1].key])
        await rig.restart()
        #expect(await rig.waiting() == [1, 3])
        #expect(
            await rig.append(1)[0].key
                == SampleKey(stream: "thermostat1", sequence: 4, series: stored[0].series))
    }

    @Test("A move keeps order and rows; what is acknowledged before it never gets to the disk")
    func move() async throws {
        let rig = await TelemetryRig()
        let stored = await rig.append(4)
        await rig.store.remove([stored[0].key])
        #expect(await rig.store.sync(at: rig.moment) == .done(moved: 3))
        #expect(try await rig.disk.outboxCount() == 3)
        let later = await rig.append(2)
        #expect(await rig.store.oldest(limit: 10) == stored.dropFirst() + later)
        #expect(await rig.store.oldest(limit: 4, excluding: [stored[1].key]) == stored.dropFirst(2) + later)
    }

    @Test(
        "An acknowledgement of a row on disk costs no write, outlives the process, and counts at the next move"
    )
    func acknowledgedOnDisk() async throws {
        let rig = await TelemetryRig()
        let stored = await rig.append(4)
        _ = await rig.store.sync(at: rig.moment)
        await rig.store.remove([stored[0].key, stored[2].key])
        #expect(try await rig.disk.outboxCount() == 4)
        #expect(await rig.waiting() == [2, 4])
        await rig.restart()
        #expect(await rig.waiting() == [2, 4])
        #expect(await rig.store.status.waiting == 2)
        #expect(await rig.store.sync(at: rig.moment) == .done(moved: 0))
        #expect(try await rig.disk.outboxCount() == 2)
        #expect(await rig.waiting() == [2, 4])
        #expect(await rig.store.status.waiting == 2)
    }

    @Test("A power cut loses what was not moved, and the numbers go on behind all that can have been used")
    func powerCut() async {
        let rig = await TelemetryRig()
        let stored = await rig.append(40)
        _ = await rig.store.sync(at: rig.moment)
        let lost = await rig.append(5)
        await rig.cutPower()
        #expect(await rig.store.oldest(limit: 100) == stored)
        let next = await rig.append(1)[0].key
        #expect(next.sequence == 40 + 80 + 1)
        #expect(next.sequence > lost[4].key.sequence)
        #expect(next.series == stored[39].series)
    }

    @Test("Numbers beyond the reservation belong to another series, which the disk learns at the next move")
    func beyondReservation() async {
        let rig = await TelemetryRig()
        let stored = await rig.append(100)
        #expect(Set(stored.prefix(32).map(\.series)).count == 1)
        #expect(Set(stored.suffix(68).map(\.series)).count == 1)
        #expect(stored[31].series != stored[32].series)
        #expect(stored.map(\.key.sequence) == Array(1...100))
        await rig.cutPower()
        let afterCut = await rig.append(1)[0].key
        #expect(afterCut == SampleKey(stream: "thermostat1", sequence: 33, series: stored[0].series))
        let beyond = await rig.append(100)
        _ = await rig.store.sync(at: rig.moment)
        await rig.cutPower()
        #expect(await rig.append(1)[0].series == beyond[99].series)
    }

    @Test("A new state file and a new young tier begin a new series; a new state file alone does not")
    func newSeries() async {
        let rig = await TelemetryRig()
        let first = await rig.append(1)[0].key
        await rig.disk.close()
        removeTree(rig.directory.file("state"))
        await rig.restart()
        #expect(
            await rig.append(1)[0].key == SampleKey(stream: "thermostat1", sequence: 2, series: first.series))
        removeTree(rig.directory.file("state"))
        await rig.cutPower()
        #expect(await rig.append(1)[0].series != first.series)
    }

    @Test("An older young file that comes back does not count on under the same series")
    func olderYoungFile() async {
        let rig = await TelemetryRig()
        let first = await rig.append(1)[0].key
        await rig.store.close()
        let old = contents(rig.youngPath)
        await rig.cutPower()
        let used = Set(await rig.append(20).map(\.key))
        #expect(used.allSatisfy { $0.series == first.series })
        await rig.store.close()
        removeTree(rig.directory.file("run"))
        await rig.cutPower { write(old, to: rig.youngPath) }
        #expect(await rig.append(10).allSatisfy { !used.contains($0.key) })
        _ = await rig.store.sync(at: rig.moment)
        #expect(await rig.append(200).allSatisfy { !used.contains($0.key) })
    }

    @Test("Values that are not finite are left out, and the numbers have no hole")
    func notFinite() async {
        let rig = await TelemetryRig()
        let stored = await rig.store.append([.nan, 1, .infinity, 2].map { rig.sample("thermostat1", $0) })
        #expect(stored.map(\.key.sequence) == [1, 2])
    }

    @Test(
        "A row that is set aside is kept and counted, and offered again when its time comes, or in another boot"
    )
    func setAside() async {
        let rig = await TelemetryRig()
        let stored = await rig.append(3)
        for moved in [false, true] {
            if moved { _ = await rig.store.sync(at: rig.moment) }
            await rig.store.setAside([stored[0].key], until: rig.sinceBoot + .seconds(60), bootID: rig.boot)
            #expect(await rig.waiting() == [2, 3])
            #expect(await rig.store.status.setAside == 1)
            #expect(await rig.store.status.waiting == 3)
            await rig.restart()
            #expect(await rig.store.oldest(limit: 9, at: rig.moment).map(\.key.sequence) == [2, 3])
            rig.pass(.seconds(61))
            #expect(await rig.store.oldest(limit: 9, at: rig.moment).map(\.key.sequence) == [1, 2, 3])
        }
        await rig.store.remove([stored[0].key])
        #expect(await rig.store.status.setAside == 0)
    }

    @Test("Samples from before the clock was set are dated later, in both tiers, and in another boot")
    func bootClock() async {
        let rig = await TelemetryRig()
        rig.wall = nil
        let moved = await rig.append(1)[0]
        _ = await rig.store.sync(at: rig.moment)
        let young = await rig.append(1)[0]
        #expect(await rig.store.date(of: moved) == nil)
        await rig.store.noteBootClock(rig.boot, wallAtBoot: testTime)
        let date = testTime.advanced(by: rig.sinceBoot)
        #expect(await rig.store.date(of: moved) == date)
        #expect(await rig.store.oldest(limit: 9).last?.wall == date)
        let later = await rig.append(1)[0]
        #expect(later.wall == date)
        _ = await rig.store.sync(at: rig.moment)
        await rig.cutPower()
        let rows = await rig.store.oldest(limit: 9)
        #expect(rows.map(\.key) == [moved.key, young.key, later.key])
        #expect(rows.allSatisfy { $0.wall == date })
        #expect(await rig.store.date(of: moved) == date)
    }
}
