// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// The outbox and the history of telemetry, over both tiers: see decision 12.
///
/// A sample is in the young tier when ``append(_:)`` returns: nothing is lost when the process is killed. ``sync(at:)``
/// moves to the disk what is not acknowledged by then, so that a power cut loses no more than one interval of it.
package actor TelemetryStore {
    let young: YoungOutbox
    let disk: StateStore
    let limits: OutboxLimits
    let historyLimits: HistoryLimits
    let newSeries: @Sendable () -> String
    /// What there was to say about the young tier when it was opened; log it.
    package nonisolated let opening: [StoreNotice]
    /// What happens afterwards, for one consumer that logs it.
    package nonisolated let notices: AsyncStream<StoreNotice>
    let announce: AsyncStream<StoreNotice>.Continuation

    /// Rows on the disk, acknowledged ones that are still there included.
    var onDisk = 0
    /// Below this id, every row on the disk is acknowledged.
    private var cursor: Int64 = 0
    var isSyncing = false
    /// Whether the disk failed last time: said once until it works.
    var failure: StoreError?
    /// Whether more waited than may, or for longer, and that has been said.
    var isFull = false
    var isAging = false
    /// How many discarded rows the last look has counted.
    var counted = 0
    var discarded = (thinned: 0, dropped: 0)
    var bootClocks: [String: Int64] = [:]
    /// The hour of the last roll-up, in milliseconds since 1970.
    var rolledUpAt: Int64?

    /// Opens the young tier and gives it numbers where it has none.
    ///
    /// - Parameters:
    ///   - location: The young tier's file, in a directory on tmpfs that outlives the process.
    ///   - executor: A thread for the young tier alone.
    ///   - disk: The state file.
    ///   - bootID: The kernel's boot: a young file of another one begins a new series, because it may have lost its last
    ///     numbers. `nil` takes every file for one of this boot.
    ///   - newSeries: Gives the name of a new series, eight hexadecimal digits at random.
    package static func open(
        young location: StoreLocation, executor: any SerialExecutor, disk: StateStore,
        limits: OutboxLimits = OutboxLimits(), history: HistoryLimits = HistoryLimits(), at wall: WallTime?,
        in bootID: String?, newSeries: @escaping @Sendable () -> String
    ) async -> TelemetryStore {
        let young = await YoungOutbox.open(
            location, executor: executor, limits: limits, at: wall, in: bootID, newSeries: newSeries)
        if await !young.isNumbered {
            let claimed = try? await disk.claimNumbering(epoch: young.epoch, newSeries: newSeries)
            await young.adopt(claimed ?? Numbering(unknownTo: newSeries()))
        }
        let store = TelemetryStore(young, disk, limits, history, newSeries)
        await store.load()
        return store
    }

    private init(
        _ young: YoungOutbox, _ disk: StateStore, _ limits: OutboxLimits, _ history: HistoryLimits,
        _ newSeries: @escaping @Sendable () -> String
    ) {
        self.young = young
        self.disk = disk
        self.limits = limits
        historyLimits = history
        self.newSeries = newSeries
        opening = young.opening
        (notices, announce) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(32))
        let (source, target) = (young.notices, announce)
        // Ends with the young tier's notices.
        Task { for await notice in source { target.yield(notice) } }
    }

    private func load() async {
        // An older young file that came back: numbers behind its last one may have been used.
        if await young.numbering.isKnown, let lineage = try? await disk.lineage(),
            await lineage != young.epoch
        {
            await young.beginLineage()
        }
        // A process that was killed between the disk's commit and its own cleaning up has left rows in both tiers.
        let moving = await young.moving()
        if !moving.isEmpty, let there = try? await disk.present(moving) { await young.forget(there) }
        let gone = await young.gone
        if !gone.isEmpty, let there = try? await disk.present(Array(gone)) {
            await young.forgetGone(gone.subtracting(there))
        }
        onDisk = (try? await disk.outboxCount()) ?? 0
        bootClocks = (try? await disk.bootClocks()) ?? [:]
        bootClocks.merge(await young.bootClocks) { _, young in young }
    }

    /// Numbers and stores samples; they outlive the process when this returns.
    ///
    /// Never waits for the disk and never fails. Samples that are not finite are left out.
    package func append(_ samples: [NewSample]) async -> [StoredSample] { await young.append(samples) }

    /// ``append(_:)`` and ``remove(_:)`` in one, at half of the cost.
    package func exchange(storing samples: [NewSample], forgetting keys: [SampleKey]) async -> [StoredSample]
    {
        await young.exchange(storing: samples, forgetting: keys)
    }

    /// The oldest rows that wait, oldest first, those in `excluding` and those set aside excepted.
    ///
    /// - Parameters:
    ///   - inFlight: Rows that were offered to the network already.
    ///   - now: Decides about rows that are set aside; the latest sample's time where it is not given.
    package func oldest(
        limit: Int, excluding inFlight: Set<SampleKey> = [], at now: StoreMoment? = nil
    ) async -> [StoredSample] {
        guard limit > 0 else { return [] }
        // The young tier first: what moves to the disk in between is then seen twice, not overlooked.
        let here = await young.next(limit: limit, excluding: inFlight, at: now)
        guard onDisk > 0 else { return here.samples }
        let there = await fromDisk(limit: limit, excluding: inFlight, besides: here)
        guard there.count < limit else { return there }
        let keys = Set(there.map(\.key))
        return there + here.samples.lazy.filter { !keys.contains($0.key) }.prefix(limit - there.count)
    }

    private func fromDisk(
        limit: Int, excluding inFlight: Set<SampleKey>, besides young: YoungOutbox.Waiting
    ) async -> [StoredSample] {
        var samples: [StoredSample] = []
        var id = cursor
        var allGone = true
        while samples.count < limit {
            let page = limit + min(inFlight.count + young.aside.count, 10_000)
            guard let found = try? await disk.outbox(after: id, limit: page) else { break }
            for (row, sample) in found where samples.count < limit {
                id = row
                let isGone = young.isGone(sample.key)
                if !isGone { allGone = false }
                if allGone { cursor = row }
                guard !isGone, !inFlight.contains(sample.key), !young.aside.contains(sample.key) else {
                    continue
                }
                samples.append(sample)
            }
            guard found.count == page else { break }
        }
        return samples
    }

    /// Forgets acknowledged rows; costs no write to the disk before the next ``sync(at:)``.
    package func remove(_ keys: [SampleKey]) async { await young.remove(keys) }

    /// Keeps rows, but does not offer them until a time in this boot; another boot, or a power cut, offers them again.
    package func setAside(_ keys: [SampleKey], until: Duration, bootID: String) async {
        await young.setAside(keys, until: until, bootID: bootID)
    }

    /// Remembers when a boot began in civil time, and dates the samples of that boot that have no date.
    package func noteBootClock(_ bootID: String, wallAtBoot: WallTime) async {
        bootClocks[bootID] = wallAtBoot.millisecondsSince1970
        await young.noteBootClock(bootID, wallAtBoot: wallAtBoot)
    }

    /// When a sample was taken, or `nil` where no clock could be believed in its boot so far.
    package func date(of sample: StoredSample) -> WallTime? {
        sample.wall
            ?? bootClocks[sample.bootID].map {
                WallTime(millisecondsSince1970: $0).advanced(by: sample.sinceBoot)
            }
    }

    /// How the outbox is; never waits for the disk.
    package var status: TelemetryStatus {
        get async {
            let here = await young.counts()
            let waiting = max(here.waiting + onDisk - here.gone, 0)
            return TelemetryStatus(
                waiting: waiting, bytes: waiting * OutboxLimits.bytesPerRow,
                thinned: discarded.thinned + here.discarded.thinned,
                dropped: discarded.dropped + here.discarded.dropped, setAside: here.aside,
                youngIsDurable: await young.isDurable, diskIsDurable: disk.wasDurable && failure == nil)
        }
    }

    /// Forgets which rows were seen to be acknowledged; they are read again.
    func rewind() { cursor = 0 }

    /// Closes the young tier's file; the state file is its owner's.
    package func close() async {
        await young.close()
        announce.finish()
    }
}

extension YoungOutbox.Waiting {
    /// Whether a row on the disk is acknowledged.
    func isGone(_ key: SampleKey) -> Bool {
        guard !gone.isEmpty else { return false }
        return gone.contains(key) || gone.contains(SampleKey(stream: key.stream, sequence: key.sequence))
    }
}
