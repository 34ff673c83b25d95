// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

extension StateStore {
    /// The rolled-up samples of a stream that may count since a time, oldest first, and how far which young file's
    /// are in it.
    func history(
        of stream: String, simulated: Bool, since: WallTime
    ) throws(StoreError) -> DiskHistory {
        try perform("read the history") { (database) throws(StoreError) in
            let young = try database.counter("young")
            var history = DiskHistory(epoch: young.text, applied: young.number ?? 0)
            for (table, length) in [("hour", Bucket.hour), ("bucket", Bucket.slot)] {
                let found = try database.buckets(
                    """
                    SELECT stream, simulated, start_ms, \(Database.bucketColumns) FROM \(table)
                    WHERE stream = ? AND simulated = ? AND start_ms >= ? ORDER BY start_ms
                    """,
                    [
                        .text(stream), .integer(simulated ? 1 : 0),
                        .integer(Bucket.start(of: since.millisecondsSince1970, length: length)),
                    ])
                if table == "hour" { history.hours = found } else { history.slots = found }
            }
            return history
        }
    }

    /// Rolls old history up and drops the oldest beyond what may be kept.
    func rollUp(at wall: WallTime, limits: HistoryLimits) throws(StoreError) {
        try perform("roll the history up") { (database) throws(StoreError) in
            try database.transaction { () throws(StoreError) in try database.rollUp(at: wall, limits: limits)
            }
        }
    }
}

/// The disk's part of a stream's history.
struct DiskHistory: Sendable {
    /// Which young file's samples went into it last, and up to which batch.
    var epoch: String?
    var applied: Int64 = 0
    var hours: [Bucket] = []
    var slots: [Bucket] = []
}

extension Database {
    /// Rolls five-minute buckets up to hours once they are old, and drops the oldest hours beyond what may be kept.
    func rollUp(at wall: WallTime, limits: HistoryLimits) throws(StoreError) {
        let old = Bucket.start(
            of: wall.advanced(by: .zero - limits.fine).millisecondsSince1970, length: Bucket.hour)
        let fine = try buckets(
            "SELECT stream, simulated, start_ms, \(Self.bucketColumns) FROM bucket WHERE start_ms < ?",
            [.integer(old)])
        for var bucket in fine {
            bucket.key.start = Bucket.start(of: bucket.key.start, length: Bucket.hour)
            try merge(bucket, into: "hour")
        }
        if !fine.isEmpty { try run("DELETE FROM bucket WHERE start_ms < ?", [.integer(old)]) }
        try dropOldHours(keeping: limits.hours)
    }

    /// Drops the oldest hours of each stream that has more than `most`.
    ///
    /// Counted and not dated: a clock that ran years ahead for a while must not cost what was measured before.
    private func dropOldHours(keeping most: Int64) throws(StoreError) {
        let streams = try rows("SELECT stream, simulated, count(*) FROM hour GROUP BY stream, simulated") {
            row in
            (stream: row.text(0) ?? "", simulated: row.integer(1) ?? 0, count: row.integer(2) ?? 0)
        }
        for (stream, simulated, count) in streams where count > most {
            let key = [SQLValue.text(stream), .integer(simulated)]
            try run(
                """
                DELETE FROM hour WHERE stream = ? AND simulated = ? AND start_ms < (
                    SELECT start_ms FROM hour WHERE stream = ? AND simulated = ? ORDER BY start_ms LIMIT 1 OFFSET ?)
                """, key + key + [.integer(count - most)])
        }
    }
}

/// How long the history is kept.
package struct HistoryLimits: Sendable, Hashable {
    /// How long in slots of five minutes.
    package var fine: Duration
    /// How long at all, after that in hours; only time in which something was measured counts.
    package var coarse: Duration

    /// So many hours of a stream are kept beside the slots.
    var hours: Int64 { max((coarse - fine).milliseconds / Bucket.hour, 1) }

    /// Makes limits: 7 days in slots of five minutes, 400 days in all, where nothing else is asked for.
    package init(fine: Duration = .seconds(7 * 86_400), coarse: Duration = .seconds(400 * 86_400)) {
        self.fine = fine
        self.coarse = coarse
    }
}
