// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

extension YoungOutbox {
    /// How long samples are kept one by one.
    static let rawAge = Duration.seconds(2 * 3_600)
    /// The most samples that are kept one by one, whatever their rate.
    static let rawRows: Int64 = 50_000

    /// Keeps samples for the history and rolls them up for the disk.
    func record(_ samples: [StoredSample], in database: Database) throws(StoreError) {
        let statement = try database.prepare(
            "INSERT INTO raw (id, stream, boot, since_boot_ms, wall_ms, value, simulated) VALUES (?, ?, ?, ?, ?, ?, ?)"
        )
        for (offset, sample) in samples.enumerated() {
            try statement.bind([
                .integer(nextRawID &+ Int64(offset)), .integer(try database.word(sample.key.stream)),
                .integer(try database.word(sample.bootID)), .integer(sample.sinceBoot.milliseconds),
                .optional(sample.wall?.millisecondsSince1970), .real(sample.value),
                .integer(sample.isSimulated ? 1 : 0),
            ])
            while try statement.step() {}
        }
        let buckets = Bucket.rollUp(samples.lazy.map { ($0.key.stream, $0.isSimulated, $0.value, $0.wall) })
        for bucket in buckets.values { try database.merge(bucket, into: "delta", batch: batch) }
        if nextRawID / 256 != (nextRawID + Int64(samples.count)) / 256 { try prune(database) }
    }

    /// Dates the samples of a boot that were taken before its clock was set, and rolls them up.
    func dateHistory(of bootID: String, bootAt wall: WallTime, in database: Database) throws(StoreError) {
        guard let boot = try database.existingWord(bootID) else { return }
        let undated = try database.rows(
            "SELECT stream, simulated, value, since_boot_ms FROM raw WHERE boot = ? AND wall_ms IS NULL",
            [.integer(boot)]
        ) { (row) throws(StoreError) in
            (
                stream: try database.text(of: row.integer(0) ?? 0), isSimulated: row.integer(1) == 1,
                value: row.real(2) ?? 0,
                wall: Optional(wall.advanced(by: .milliseconds(row.integer(3) ?? 0)))
            )
        }
        for bucket in Bucket.rollUp(undated).values {
            try database.merge(bucket, into: "delta", batch: batch)
        }
        try database.run(
            "UPDATE raw SET wall_ms = ? + since_boot_ms WHERE boot = ? AND wall_ms IS NULL",
            [.integer(wall.millisecondsSince1970), .integer(boot)])
    }

    /// What is not on the disk yet of the history of a stream, and the single samples of the slot that `since` is in.
    func history(of stream: String, simulated: Bool, since: WallTime) -> YoungHistory {
        let start = Bucket.start(of: since.millisecondsSince1970, length: Bucket.slot)
        let end = WallTime(millisecondsSince1970: start).advanced(by: .milliseconds(Bucket.slot))
        let found = read { (database) throws(StoreError) in
            let number = try database.existingWord(stream)
            let raw = try database.rows(
                """
                SELECT wall_ms, value FROM raw WHERE stream = ? AND simulated = ? AND wall_ms >= ? AND wall_ms < ?
                """,
                [
                    .optional(number), .integer(simulated ? 1 : 0), .integer(start),
                    .integer(end.millisecondsSince1970),
                ]
            ) { row in (row.integer(0) ?? 0, row.real(1) ?? 0) }
            let deltas = try database.deltas().filter {
                $0.bucket.key.stream == stream && $0.bucket.key.isSimulated == simulated
            }
            return YoungHistory(epoch: epoch, deltas: deltas, raw: raw)
        }
        return found ?? YoungHistory(epoch: epoch, deltas: [], raw: [])
    }

    private func prune(_ database: Database) throws(StoreError) {
        guard let latest else { return }
        let boot = try database.word(latest.bootID)
        let oldest = (latest.sinceBoot - Self.rawAge).milliseconds
        let first = try database.integer(
            "SELECT id FROM raw WHERE boot = ? AND since_boot_ms >= ? ORDER BY id LIMIT 1",
            [.integer(boot), .integer(oldest)])
        let byCount = nextRawID - Self.rawRows
        try database.run("DELETE FROM raw WHERE id < ?", [.integer(max(first ?? 0, byCount))])
    }
}

/// The young tier's part of a stream's history.
struct YoungHistory: Sendable {
    var epoch: String
    var deltas: [SyncBatch.Delta]
    /// Time in milliseconds since 1970 and value of each single sample, in no order.
    var raw: [(Int64, Double)]
}

extension Database {
    /// What the disk's buckets do not have yet.
    func deltas() throws(StoreError) -> [SyncBatch.Delta] {
        let batches = try rows("SELECT DISTINCT batch FROM delta ORDER BY batch") { $0.integer(0) ?? 0 }
        var deltas: [SyncBatch.Delta] = []
        for batch in batches {
            deltas += try buckets(
                "SELECT stream, simulated, start_ms, \(Self.bucketColumns) FROM delta WHERE batch = ?",
                [.integer(batch)]
            ).map { SyncBatch.Delta(batch: batch, bucket: $0) }
        }
        return deltas
    }
}
