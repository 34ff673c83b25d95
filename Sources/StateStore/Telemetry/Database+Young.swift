// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

/// Tables that only the young tier has.
extension Database {
    /// Deletes the row of a key; returns the id that it had.
    func deleteYoung(_ key: SampleKey) throws(StoreError) -> Int64? {
        guard let stream = try existingWord(key.stream) else { return nil }
        let series = key.series.isEmpty ? nil : try existingWord(key.series)
        if series == nil, !key.series.isEmpty { return nil }
        let condition = "stream = ? AND sequence = ?" + (series == nil ? "" : " AND series = ?")
        let statement = try prepare("DELETE FROM outbox WHERE \(condition) RETURNING id")
        try statement.bind(
            [.integer(stream), .integer(key.sequence)] + (series.map { [.integer($0)] } ?? []))
        var id: Int64?
        while try statement.step() {
            id = min(statement.integer(0) ?? 0, id ?? .max)
            if let count = known.outboxCount { known.outboxCount = count - 1 }
        }
        return id
    }

    /// Remembers that a row was acknowledged.
    func noteGone(_ key: SampleKey) throws(StoreError) {
        try run(
            "INSERT OR IGNORE INTO gone (series, stream, sequence) VALUES (?, ?, ?)",
            [.text(key.series), .text(key.stream), .integer(key.sequence)])
    }

    /// Forgets that a row was acknowledged, because the disk does not have it any more.
    func forgetGone(_ key: SampleKey) throws(StoreError) {
        try run(
            "DELETE FROM gone WHERE stream = ? AND sequence = ? AND series = ?",
            [.text(key.stream), .integer(key.sequence), .text(key.series)])
    }

    /// Acknowledged rows that may still be on the disk.
    func goneKeys() throws(StoreError) -> [SampleKey] {
        try rows("SELECT series, stream, sequence FROM gone") { row in
            SampleKey(stream: row.text(1) ?? "", sequence: row.integer(2) ?? 0, series: row.text(0) ?? "")
        }
    }

    /// Stores until when a row is not offered.
    func setAside(_ key: SampleKey, _ aside: YoungOutbox.Aside) throws(StoreError) {
        try run(
            """
            INSERT INTO aside (series, stream, sequence, boot, until_ms) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (stream, sequence, series) DO UPDATE SET boot = excluded.boot, until_ms = excluded.until_ms
            """,
            [
                .text(key.series), .text(key.stream), .integer(key.sequence), .text(aside.bootID),
                .integer(aside.until.milliseconds),
            ])
    }

    /// Forgets that a row was set aside.
    func forgetAside(_ key: SampleKey) throws(StoreError) {
        try run(
            "DELETE FROM aside WHERE stream = ? AND sequence = ? AND series = ?",
            [.text(key.stream), .integer(key.sequence), .text(key.series)])
    }

    /// Rows that are not to be offered before a time.
    func asideKeys() throws(StoreError) -> [SampleKey: YoungOutbox.Aside] {
        let found = try rows("SELECT series, stream, sequence, boot, until_ms FROM aside") { row in
            (
                SampleKey(
                    stream: row.text(1) ?? "", sequence: row.integer(2) ?? 0, series: row.text(0) ?? ""),
                YoungOutbox.Aside(bootID: row.text(3) ?? "", until: .milliseconds(row.integer(4) ?? 0))
            )
        }
        return Dictionary(found, uniquingKeysWith: { first, _ in first })
    }

    /// The counts of all streams.
    func numbering() throws(StoreError) -> [String: Numbering.Stream] {
        let found = try rows("SELECT stream, last, reserved FROM numbering") { row in
            let last = row.integer(1) ?? 0
            return (
                row.text(0) ?? "", Numbering.Stream(last: last, reserved: row.integer(2), renewedAt: last)
            )
        }
        return Dictionary(found, uniquingKeysWith: { first, _ in first })
    }

    /// Stores the count of a stream.
    func save(_ stream: Numbering.Stream, of name: String) throws(StoreError) {
        try run(
            """
            INSERT INTO numbering (stream, last, reserved) VALUES (?, ?, ?)
            ON CONFLICT (stream) DO UPDATE SET last = excluded.last, reserved = excluded.reserved
            """, [.text(name), .integer(stream.last), .optional(stream.reserved)])
    }
}
