// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

extension TelemetryStore {
    /// The most rows in one transaction: bounds the memory it takes.
    private static let rowsAtOnce = 5_000

    /// Moves to the disk what waits in the young tier, with the deletes of what is acknowledged, the reservations of
    /// numbers and the history.
    ///
    /// A disk that fails is said once and tried again by the next call; a state file that fell back to memory is
    /// opened again where it can be.
    package func sync(at moment: StoreMoment) async -> SyncResult {
        guard !isSyncing else { return .underWay }
        isSyncing = true
        defer { isSyncing = false }
        await young.recover(at: moment)
        _ = await disk.recover(at: moment.wall)
        var moved = 0
        do throws(StoreError) {
            var batch = await young.begin(limit: Self.rowsAtOnce)
            moved += try await move(batch, at: moment)
            while batch.hasMore {
                batch = await young.begin(limit: Self.rowsAtOnce, end: batch.end)
                moved += try await move(batch, at: moment)
            }
            try await rollUp(at: moment)
        } catch {
            if error.kind == .inputOutput { _ = await disk.reopen(at: moment.wall) }
            await fail(error)
            return .failed(error)
        }
        await checkFull()
        if failure != nil { announce.yield(.diskAvailable) }
        failure = nil
        return .done(moved: moved)
    }

    private func move(_ batch: SyncBatch, at moment: StoreMoment) async throws(StoreError) -> Int {
        let outcome: SyncOutcome
        do throws(StoreError) {
            outcome = try await disk.absorb(batch, limits: limits, at: moment)
        } catch {
            // After a failed sync nobody knows what the next start will find.
            await young.giveUp(batch, isCertain: error.kind != .inputOutput)
            throw error
        }
        guard case .stored(let inserted, let thinned, let dropped, let aged) = outcome else {
            // Under a new name, which the disk cannot have seen, everything can be handed over.
            await young.giveUp(batch, isCertain: true)
            await young.beginLineage()
            return try await move(await young.begin(limit: Self.rowsAtOnce), at: moment)
        }
        onDisk = (try? await disk.outboxCount()) ?? onDisk + inserted
        await young.finish(batch)
        rewind()
        discarded.thinned += thinned
        discarded.dropped += dropped
        await checkFull()
        checkAge(aged)
        return inserted
    }

    /// Once an hour, because it writes many pages.
    private func rollUp(at moment: StoreMoment) async throws(StoreError) {
        guard let wall = moment.wall else { return }
        let hour = Bucket.start(of: wall.millisecondsSince1970, length: Bucket.hour)
        guard hour != rolledUpAt else { return }
        try await disk.rollUp(at: wall, limits: historyLimits)
        rolledUpAt = hour
    }

    private func fail(_ error: StoreError) async {
        if failure == nil { announce.yield(.diskUnavailable(error, youngBytes: limits.youngBytes)) }
        failure = error
        await checkFull()
    }

    /// Says once in an episode that rows were discarded; it ends when half of the room is free again.
    private func checkFull() async {
        let here = await young.counts()
        let total = (
            thinned: discarded.thinned + here.discarded.thinned,
            dropped: discarded.dropped + here.discarded.dropped
        )
        if total.thinned + total.dropped > counted, !isFull {
            announce.yield(
                .outboxFull(limitBytes: limits.bytes, thinned: total.thinned, dropped: total.dropped))
            isFull = true
        }
        counted = total.thinned + total.dropped
        if isFull, onDisk + here.waiting < limits.rows / 2 { isFull = false }
    }

    /// Says once in an episode that rows were too old; it ends when nothing waits on the disk.
    private func checkAge(_ count: Int) {
        if count > 0, !isAging { announce.yield(.outboxAged(count: count)) }
        isAging = (isAging || count > 0) && onDisk > 0
        discarded.dropped += count
        counted += count
    }

    /// What is known of a stream since a time; `nil` where no sample can be dated into it.
    ///
    /// Counts whole slots of five minutes, and of hours where they are older than a week; of the slot that `since`
    /// lies in it counts the single samples where all of them are still there, else ``HistorySummary/start`` shows
    /// that it is left out.
    ///
    /// - Parameter until: The end of the time asked for, normally now.
    package func summary(
        of stream: String, since: WallTime, until: WallTime, simulated: Bool = false
    ) async -> HistorySummary? {
        let here = await young.history(of: stream, simulated: simulated, since: since)
        let there = try? await disk.history(of: stream, simulated: simulated, since: since)
        var buckets: [Bucket.Key: Bucket] = [:]
        for bucket in there?.slots ?? [] { buckets[bucket.key] = bucket }
        let applied = there?.epoch == here.epoch ? there?.applied ?? 0 : 0
        for delta in here.deltas where delta.batch > applied {
            if buckets[delta.bucket.key]?.merge(delta.bucket) == nil {
                buckets[delta.bucket.key] = delta.bucket
            }
        }
        return Self.summary(
            hours: there?.hours ?? [], slots: buckets, raw: here.raw, since: since, until: until)
    }

    private static func summary(
        hours: [Bucket], slots: [Bucket.Key: Bucket], raw: [(Int64, Double)], since: WallTime, until: WallTime
    ) -> HistorySummary? {
        var report = HistoryReport(since: since, until: until)
        let start = Bucket.start(of: since.millisecondsSince1970, length: Bucket.slot)
        let head = slots.values.first { $0.key.start == start }
        if let head, start < since.millisecondsSince1970, head.count == raw.count {
            report.add(raw.sorted { $0.0 < $1.0 })
        }
        let all = hours + slots.values
        for bucket in all.sorted(by: { $0.first < $1.first }) { report.add(bucket) }
        return report.summary
    }
}
