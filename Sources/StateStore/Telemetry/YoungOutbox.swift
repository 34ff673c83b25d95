// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

/// The young tier: numbers samples and keeps them in a file on tmpfs, which outlives the process but no power cut.
///
/// It runs on a thread of its own, so that a disk that hangs never delays a sample. Where its file cannot be written,
/// it goes on in memory and says so.
package actor YoungOutbox {
    private nonisolated let executor: any SerialExecutor
    /// What there was to say when it was opened.
    package nonisolated let opening: [StoreNotice]
    /// What happens to it afterwards, for one consumer.
    package nonisolated let notices: AsyncStream<StoreNotice>
    let announce: AsyncStream<StoreNotice>.Continuation
    let location: StoreLocation
    let limits: OutboxLimits
    let newSeries: @Sendable () -> String
    /// The kernel's boot, for a file that is not on tmpfs and so comes through a power cut, though not whole.
    let bootID: String?
    var database: Database?
    /// Whether what is stored outlives the process.
    package internal(set) var isDurable: Bool

    var numbering: Numbering
    /// Whether the numbers are known: from the file, or from the disk since.
    var isNumbered = false
    /// Names the lineage of this file, so that the disk notices when an older one comes back.
    var epoch: String
    /// The id of the next row; ids are never used again while rows with lower ones may be moving.
    var nextID: Int64 = 1
    /// Rows up to this id may be on the disk as well.
    var movingThrough: Int64 = 0
    /// The batch that samples are rolled up into.
    var batch: Int64 = 1
    var nextRawID: Int64 = 1
    /// Acknowledged rows that may still be on the disk.
    var gone: Set<SampleKey> = []
    /// Rows that are not to be offered before a time.
    var aside: [SampleKey: Aside] = [:]
    /// When boots began, in milliseconds since 1970.
    var bootClocks: [String: Int64] = [:]
    /// Those that the disk has got from this process.
    var movedClocks: [String: Int64] = [:]
    /// Rows thinned out and dropped here since the program started.
    var discarded = (thinned: 0, dropped: 0)
    /// The latest look at the clock, by the samples that came.
    var latest: (bootID: String, sinceBoot: Duration)?

    /// Until when a row is not offered.
    struct Aside: Sendable, Hashable {
        var bootID: String
        var until: Duration
    }

    /// The executor that every call runs on.
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Opens the young tier on its executor; it gets its numbers by ``adopt(_:)`` where its file is new.
    static func open(
        _ location: StoreLocation, executor: any SerialExecutor, limits: OutboxLimits, at wall: WallTime?,
        in bootID: String?, newSeries: @escaping @Sendable () -> String
    ) async -> YoungOutbox {
        let opened = await Opener(executor).open(location, StoreOpening(schema: .young, wall: wall))
        let outbox = YoungOutbox(location, executor, limits, bootID, newSeries, opened)
        await outbox.load()
        return outbox
    }

    private init(
        _ location: StoreLocation, _ executor: any SerialExecutor, _ limits: OutboxLimits, _ bootID: String?,
        _ newSeries: @escaping @Sendable () -> String, _ opened: sending OpenedDatabase
    ) {
        self.location = location
        self.executor = executor
        self.limits = limits
        self.bootID = bootID
        self.newSeries = newSeries
        opening = opened.notices.map(\.ofYoungTier)
        isDurable = opened.isDurable
        database = opened.database
        epoch = newSeries()
        numbering = Numbering(unknownTo: newSeries())
        (notices, announce) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(16))
    }

    /// Numbers samples and stores them, and forgets acknowledged rows, in one transaction; returns the samples as stored,
    /// in order.
    ///
    /// Nothing is refused but values that are not finite, which are left out. Where acknowledged rows may be on the disk,
    /// it is remembered that they have to go there too.
    package func exchange(storing samples: [NewSample], forgetting keys: [SampleKey]) -> [StoredSample] {
        let stored = number(samples)
        guard !stored.isEmpty || !keys.isEmpty else { return [] }
        write { (database) throws(StoreError) in
            if !stored.isEmpty {
                try database.insert(stored, id: nextID)
                try save(database, streams: Set(stored.map(\.key.stream)))
                try record(stored, in: database)
            }
            try database.deleteYoung(keys) { (key, id) throws(StoreError) in
                if aside[key] != nil { try database.forgetAside(key) }
                guard id ?? 0 <= movingThrough else { return }
                try database.noteGone(key)
                gone.insert(key)
            }
        }
        if !aside.isEmpty { for key in keys { aside[key] = nil } }
        guard let last = stored.last else { return [] }
        latest = (last.bootID, last.sinceBoot)
        nextID += Int64(stored.count)
        nextRawID += Int64(stored.count)
        bound()
        return stored
    }

    /// Stores samples; see ``exchange(storing:forgetting:)``.
    package func append(_ samples: [NewSample]) -> [StoredSample] {
        exchange(storing: samples, forgetting: [])
    }

    /// Forgets acknowledged rows; see ``exchange(storing:forgetting:)``.
    package func remove(_ keys: [SampleKey]) { _ = exchange(storing: [], forgetting: keys) }

    private func number(_ samples: [NewSample]) -> [StoredSample] {
        samples.filter(\.value.isFinite).map { sample in
            let sequence = numbering.next(sample.stream, newSeries: newSeries)
            let key = SampleKey(stream: sample.stream, sequence: sequence, series: numbering.series)
            var stored = StoredSample(sample, key: key)
            stored.wall = stored.wall ?? date(stored)
            return stored
        }
    }

    /// When a sample was taken, by the clock of its boot.
    private func date(_ sample: StoredSample) -> WallTime? {
        bootClocks[sample.bootID].map { WallTime(millisecondsSince1970: $0).advanced(by: sample.sinceBoot) }
    }

    /// Closes the file; what is in it stays.
    package func close() {
        database = nil
        announce.finish()
    }
}
