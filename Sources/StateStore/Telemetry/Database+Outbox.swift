// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

/// The table `outbox`, which both tiers have.
extension Database {
    private static let columns =
        "id, series, stream, sequence, telemetry, value, simulated, boot, since_boot_ms, wall_ms"

    /// Stores rows in order, those that are there already excepted; returns how many were new.
    ///
    /// - Parameter id: The first row's id, or `nil` for the next ones free.
    @discardableResult
    func insert(_ samples: [StoredSample], id: Int64? = nil) throws(StoreError) -> Int {
        let statement = try prepare(
            "INSERT OR IGNORE INTO outbox (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        var inserted = 0
        for (offset, sample) in samples.enumerated() {
            try statement.bind([
                .optional(id.map { $0 &+ Int64(offset) }), .integer(try word(sample.key.series)),
                .integer(try word(sample.key.stream)), .integer(sample.key.sequence),
                .integer(try word(sample.telemetry)), .real(sample.value),
                .integer(sample.isSimulated ? 1 : 0), .integer(try word(sample.bootID)),
                .integer(sample.sinceBoot.milliseconds), .optional(sample.wall?.millisecondsSince1970),
            ])
            while try statement.step() {}
            inserted += changes
        }
        if let count = known.outboxCount { known.outboxCount = count + inserted }
        return inserted
    }

    /// Rows with ids above `id`, oldest first.
    func outbox(after id: Int64, through last: Int64 = .max, limit: Int) throws(StoreError) -> [(
        id: Int64, sample: StoredSample
    )] {
        try rows(
            "SELECT \(Self.columns) FROM outbox WHERE id > ? AND id <= ? ORDER BY id LIMIT ?",
            [.integer(id), .integer(last), .integer(Int64(limit))]
        ) { (row) throws(StoreError) in
            let key = SampleKey(
                stream: try text(of: row.integer(2) ?? 0), sequence: row.integer(3) ?? 0,
                series: try text(of: row.integer(1) ?? 0))
            let sample = StoredSample(
                key: key, series: key.series, telemetry: try text(of: row.integer(4) ?? 0),
                value: row.real(5) ?? 0, isSimulated: row.integer(6) == 1,
                bootID: try text(of: row.integer(7) ?? 0),
                sinceBoot: .milliseconds(row.integer(8) ?? 0),
                wall: row.integer(9).map(WallTime.init(millisecondsSince1970:)))
            return (row.integer(0) ?? 0, sample)
        }
    }

    /// Deletes the row of a key; returns whether it was there.
    func delete(_ key: SampleKey) throws(StoreError) -> Bool {
        guard let stream = try existingWord(key.stream) else { return false }
        if key.series.isEmpty {
            try run(
                "DELETE FROM outbox WHERE stream = ? AND sequence = ?",
                [.integer(stream), .integer(key.sequence)])
        } else {
            guard let series = try existingWord(key.series) else { return false }
            try run(
                "DELETE FROM outbox WHERE stream = ? AND sequence = ? AND series = ?",
                [.integer(stream), .integer(key.sequence), .integer(series)])
        }
        return try discount() > 0
    }

    /// Whether the row of a key is there.
    func contains(_ key: SampleKey) throws(StoreError) -> Bool {
        guard let stream = try existingWord(key.stream) else { return false }
        let values: [SQLValue] = [.integer(stream), .integer(key.sequence)]
        if key.series.isEmpty {
            return try integer("SELECT 1 FROM outbox WHERE stream = ? AND sequence = ?", values) != nil
        }
        guard let series = try existingWord(key.series) else { return false }
        return try integer(
            "SELECT 1 FROM outbox WHERE stream = ? AND sequence = ? AND series = ?",
            values + [.integer(series)])
            != nil
    }

    /// How many rows wait.
    func outboxCount() throws(StoreError) -> Int {
        if let count = known.outboxCount { return count }
        let count = Int(clamping: try integer("SELECT count(*) FROM outbox") ?? 0)
        known.outboxCount = count
        return count
    }

    /// Dates the rows of a boot that have no date.
    func date(rowsOf bootID: String, bootAt wall: Int64) throws(StoreError) {
        guard let boot = try existingWord(bootID) else { return }
        try run(
            "UPDATE outbox SET wall_ms = ? + since_boot_ms WHERE boot = ? AND wall_ms IS NULL",
            [.integer(wall), .integer(boot)])
    }

    /// Drops the rows at the old end that are dated before `wall`; returns how many.
    ///
    /// Those of the boot `bootID` stay that are younger by its own clock, which is never set.
    func dropOutbox(before wall: WallTime, in bootID: String, before sinceBoot: Duration) throws(StoreError)
        -> Int
    {
        // A row without a date ends the search: nobody knows how old it is.
        let firstToStay = try integer(
            """
            SELECT id FROM outbox WHERE wall_ms IS NULL OR wall_ms >= ? OR (boot = ? AND since_boot_ms >= ?)
            ORDER BY id LIMIT 1
            """,
            [
                .integer(wall.millisecondsSince1970), .optional(try existingWord(bootID)),
                .integer(sinceBoot.milliseconds),
            ])
        try run("DELETE FROM outbox WHERE id < ?", [.integer(firstToStay ?? .max)])
        return try discount()
    }

    /// Frees at least a twentieth, where more than `limit` rows wait: the newest stay; the oldest half is thinned to
    /// every 2nd, 4th, 8th or 16th number, and where it is as thin as that, the oldest tenth is dropped.
    func thinOutbox(to limit: Int) throws(StoreError) -> (thinned: Int, dropped: Int) {
        var (thinned, dropped) = (0, 0)
        while case let count = try outboxCount(), count > limit {
            let half = try outboxID(at: count / 2)
            var freed = 0
            for stride: Int64 in [2, 4, 8, 16] where freed == 0 {
                let odd = "id < ? AND sequence % ? <> 0"
                let values: [SQLValue] = [.integer(half), .integer(stride)]
                let found = try integer("SELECT count(*) FROM outbox WHERE \(odd)", values) ?? 0
                guard found >= max(count / 20, 1) else { continue }
                try run("DELETE FROM outbox WHERE \(odd)", values)
                freed = try discount()
                thinned += freed
            }
            guard freed == 0 else { continue }
            try run("DELETE FROM outbox WHERE id < ?", [.integer(try outboxID(at: max(count / 10, 1)))])
            dropped += try discount()
        }
        return (thinned, dropped)
    }

    private func outboxID(at offset: Int) throws(StoreError) -> Int64 {
        try integer("SELECT id FROM outbox ORDER BY id LIMIT 1 OFFSET ?", [.integer(Int64(offset))]) ?? .max
    }

    /// Takes what the last statement deleted off the count of rows.
    private func discount() throws(StoreError) -> Int {
        let deleted = changes
        if let count = known.outboxCount { known.outboxCount = count - deleted }
        return deleted
    }
}
