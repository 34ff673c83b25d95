// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

extension YoungOutbox {
    /// What the young tier says about waiting rows, taken together.
    package struct Waiting: Sendable {
        /// The oldest rows here, oldest first.
        package var samples: [StoredSample]
        /// Rows that are acknowledged, though they may still be on the disk.
        package var gone: Set<SampleKey>
        /// Rows that are not to be offered now.
        package var aside: Set<SampleKey>
    }

    /// The oldest rows that are neither excluded nor set aside.
    ///
    /// - Parameter now: The time since the boot, for rows that are set aside; the latest sample's where it is not given.
    package func next(
        limit: Int, excluding excluded: Set<SampleKey>, at now: StoreMoment? = nil
    ) -> Waiting {
        let aside = asideNow(at: now)
        var waiting = Waiting(samples: [], gone: gone, aside: aside)
        var id: Int64 = 0
        let page = limit + min(excluded.count + aside.count, 10_000)
        while waiting.samples.count < limit {
            let found =
                read { (database) throws(StoreError) in try database.outbox(after: id, limit: page) } ?? []
            let fresh = found.lazy.map(\.sample).filter {
                !excluded.contains($0.key) && !aside.contains($0.key)
            }
            waiting.samples += fresh.prefix(limit - waiting.samples.count)
            guard found.count == page, let last = found.last else { break }
            id = last.id
        }
        return waiting
    }

    /// Keeps rows, but does not offer them until a time in this boot; another boot offers them again.
    package func setAside(_ keys: [SampleKey], until: Duration, bootID: String) {
        let value = Aside(bootID: bootID, until: until)
        for key in keys { aside[key] = value }
        write { (database) throws(StoreError) in
            for key in keys { try database.setAside(key, value) }
        }
    }

    /// Remembers when a boot began, and dates the samples that have no date.
    package func noteBootClock(_ bootID: String, wallAtBoot: WallTime) {
        let wall = wallAtBoot.millisecondsSince1970
        // Beyond any date, adding to it would leave the range of the column.
        guard wall.magnitude < 1 << 60, bootClocks[bootID] != wall else { return }
        bootClocks[bootID] = wall
        write { (database) throws(StoreError) in
            try database.noteBootClock(bootID, wall)
            try dateHistory(of: bootID, bootAt: wallAtBoot, in: database)
        }
    }

    /// Rows here, and how many of all rows are set aside.
    func counts() -> (waiting: Int, gone: Int, aside: Int, discarded: (thinned: Int, dropped: Int)) {
        let count = read { (database) throws(StoreError) in try database.outboxCount() } ?? 0
        return (count, gone.count, aside.count, discarded)
    }

    /// Keeps the rows here within their limit.
    func bound() {
        guard let database, database.known.outboxCount ?? .max > limits.youngRows else { return }
        let freed = write { (database) throws(StoreError) in try database.thinOutbox(to: limits.youngRows) }
        discarded.thinned += freed?.thinned ?? 0
        discarded.dropped += freed?.dropped ?? 0
    }

    private func asideNow(at now: StoreMoment?) -> Set<SampleKey> {
        guard !aside.isEmpty else { return [] }
        let boot = now?.bootID ?? latest?.bootID
        let time = now?.sinceBoot ?? latest?.sinceBoot ?? .zero
        return Set(aside.filter { boot == nil || $0.value.bootID == boot && $0.value.until > time }.keys)
    }
}
