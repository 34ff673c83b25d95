// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

extension StateStore {
    /// Reserves numbers for a young tier that has none, and gives it the disk's word that nobody else has them.
    ///
    /// Each stream goes on behind everything that was ever reserved: the gap is the most that can have been lost.
    func claimNumbering(epoch: String, newSeries: @Sendable () -> String) throws(StoreError) -> Numbering {
        try requireDurable("reserve sequence numbers")
        return try perform("reserve sequence numbers") { (database) throws(StoreError) in
            try database.transaction { () throws(StoreError) in
                var streams: [String: Numbering.Stream] = [:]
                for (name, last) in try database.reservations() {
                    let (sum, overflow) = last.addingReportingOverflow(Numbering.leastAhead)
                    streams[name] = Numbering.Stream(
                        last: last, reserved: overflow ? last : sum, renewedAt: last)
                }
                if streams[Numbering.unmet] == nil {
                    streams[Numbering.unmet] = Numbering.Stream(
                        last: 0, reserved: Numbering.leastAhead, renewedAt: 0)
                }
                let series = try database.counter("series").text ?? newSeries()
                try database.reserve(streams.compactMapValues(\.reserved), series: series)
                try database.setCounter("young", 0, text: epoch)
                return Numbering(series: series, isKnown: true, streams: streams)
            }
        }
    }

    /// Stores what the young tier hands over: all of it in one transaction, or nothing.
    func absorb(
        _ batch: SyncBatch, limits: OutboxLimits, at moment: StoreMoment
    ) throws(StoreError) -> SyncOutcome {
        try requireDurable("store telemetry")
        return try perform("store telemetry") { (database) throws(StoreError) in
            try database.transaction { () throws(StoreError) in
                let young = try database.counter("young")
                if batch.isKnown, let epoch = young.text, epoch != batch.epoch { return .superseded }
                // Counted in the transaction, so that what is undone is counted again.
                _ = try database.outboxCount()
                for key in batch.gone { _ = try database.delete(key) }
                for (boot, wall) in batch.bootClocks { try database.noteBootClock(boot, wall) }
                let inserted = try database.insert(batch.samples)
                try database.reserve(batch.reservations, series: batch.series)
                let applied = young.text == batch.epoch ? young.number ?? 0 : 0
                for delta in batch.deltas where delta.batch > applied {
                    try database.merge(delta.bucket, into: "bucket")
                }
                try database.setCounter("young", batch.batch, text: batch.epoch)
                var aged = 0
                if let wall = moment.wall {
                    aged = try database.dropOutbox(
                        before: wall.advanced(by: .zero - limits.age), in: moment.bootID,
                        before: moment.sinceBoot - limits.age)
                }
                let full = try database.thinOutbox(to: limits.rows)
                return .stored(
                    inserted: inserted, thinned: full.thinned, dropped: full.dropped, aged: aged)
            }
        }
    }

    /// Waiting rows on disk with ids above `id`, oldest first.
    func outbox(after id: Int64, limit: Int) throws(StoreError) -> [(id: Int64, sample: StoredSample)] {
        try perform("read telemetry") { (database) throws(StoreError) in
            try database.outbox(after: id, limit: limit)
        }
    }

    /// The young file that the disk goes on with; `nil` before the first.
    func lineage() throws(StoreError) -> String? {
        try perform("read the numbering") { (database) throws(StoreError) in
            try database.counter("young").text
        }
    }

    /// Which of these rows are on disk.
    func present(_ keys: [SampleKey]) throws(StoreError) -> [SampleKey] {
        try perform("look for telemetry") { (database) throws(StoreError) in
            var found: [SampleKey] = []
            for key in keys where try database.contains(key) { found.append(key) }
            return found
        }
    }

    /// How many rows wait on disk.
    func outboxCount() throws(StoreError) -> Int {
        try perform("count telemetry") { (database) throws(StoreError) in try database.outboxCount() }
    }

    /// When boots began, in milliseconds since 1970.
    func bootClocks() throws(StoreError) -> [String: Int64] {
        try perform("read the boot clocks") { (database) throws(StoreError) in try database.bootClocks() }
    }

    private func requireDurable(_ operation: String) throws(StoreError) {
        guard !isDurable else { return }
        throw StoreError(
            .readOnly, operation: operation, location: "the state file",
            detail: "the state lives in memory only")
    }
}

extension Database {
    private static let prefix = "reserved "

    fileprivate func reservations() throws(StoreError) -> [String: Int64] {
        let found = try rows("SELECT name, number FROM counter WHERE name LIKE '\(Self.prefix)%'") { row in
            (String((row.text(0) ?? "").dropFirst(Self.prefix.count)), row.integer(1) ?? 0)
        }
        return Dictionary(found, uniquingKeysWith: max)
    }

    fileprivate func reserve(_ reservations: [String: Int64], series: String) throws(StoreError) {
        try setCounter("series", nil, text: series)
        for (name, limit) in reservations { try setCounter(Self.prefix + name, limit) }
    }

    /// When boots began, in milliseconds since 1970.
    func bootClocks() throws(StoreError) -> [String: Int64] {
        let found = try rows("SELECT boot, wall_ms FROM boot_clock") { row in
            (row.text(0) ?? "", row.integer(1) ?? 0)
        }
        return Dictionary(found, uniquingKeysWith: { first, _ in first })
    }

    /// Stores when a boot began and dates its rows; the hundred latest boots are kept.
    func noteBootClock(_ boot: String, _ wall: Int64) throws(StoreError) {
        try run(
            """
            INSERT INTO boot_clock (boot, wall_ms) VALUES (?, ?)
            ON CONFLICT (boot) DO UPDATE SET wall_ms = excluded.wall_ms WHERE wall_ms <> excluded.wall_ms
            """, [.text(boot), .integer(wall)])
        try run(
            "DELETE FROM boot_clock WHERE boot NOT IN (SELECT boot FROM boot_clock ORDER BY wall_ms DESC LIMIT 100)"
        )
        try date(rowsOf: boot, bootAt: wall)
    }
}
