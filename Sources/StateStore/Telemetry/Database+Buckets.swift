// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

extension Database {
    static let bucketColumns = "minimum, maximum, sum, count, first_ms, last_ms, slots"

    /// Adds a bucket's samples to the row of its slot, in `bucket`, `hour`, or the young tier's `delta`.
    func merge(_ bucket: Bucket, into table: String, batch: Int64? = nil) throws(StoreError) {
        let key = batch == nil ? "start_ms, stream, simulated" : "start_ms, stream, simulated, batch"
        try run(
            """
            INSERT INTO \(table) (\(key), \(Self.bucketColumns)) VALUES (\(batch == nil ? "" : "?, ")?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (\(key)) DO UPDATE SET
                minimum = min(minimum, excluded.minimum), maximum = max(maximum, excluded.maximum),
                sum = sum + excluded.sum, count = count + excluded.count,
                first_ms = min(first_ms, excluded.first_ms), last_ms = max(last_ms, excluded.last_ms)\(table == "hour" ? ", slots = slots + excluded.slots" : "")
            """,
            [.integer(bucket.key.start), .text(bucket.key.stream), .integer(bucket.key.isSimulated ? 1 : 0)]
                + (batch.map { [.integer($0)] } ?? []) + bucket.values)
    }

    /// Reads buckets; `columns` end with those of ``bucketColumns``.
    func buckets(_ sql: String, _ values: [SQLValue]) throws(StoreError) -> [Bucket] {
        try rows(sql, values) { row in
            Bucket(
                key: Bucket.Key(
                    stream: row.text(0) ?? "", isSimulated: row.integer(1) == 1, start: row.integer(2) ?? 0),
                minimum: row.real(3) ?? 0, maximum: row.real(4) ?? 0, sum: row.real(5) ?? 0,
                count: row.integer(6) ?? 0, first: row.integer(7) ?? 0, last: row.integer(8) ?? 0,
                slots: row.integer(9) ?? 1)
        }
    }
}

extension Bucket {
    fileprivate var values: [SQLValue] {
        [
            .real(minimum), .real(maximum), .real(sum), .integer(count), .integer(first), .integer(last),
            .integer(slots),
        ]
    }

    fileprivate init(
        key: Key, minimum: Double, maximum: Double, sum: Double, count: Int64, first: Int64, last: Int64,
        slots: Int64
    ) {
        self.key = key
        (self.minimum, self.maximum, self.sum, self.count) = (minimum, maximum, sum, count)
        (self.first, self.last, self.slots) = (first, last, slots)
    }
}
