// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

/// Tables that only the young tier has.
extension Database {
    /// Deletes the rows of keys; `found` gets each key with the lowest id that a row of it had, or `nil` where none was there.
    func deleteYoung(
        _ keys: [SampleKey], found: (SampleKey, Int64?) throws(StoreError) -> Void = { _, _ in }
    ) throws(StoreError) {
        let exact = try prepare("SELECT id FROM outbox WHERE sequence = ? AND stream = ? AND series = ?")
        let inAnySeries = try prepare("SELECT id FROM outbox WHERE sequence = ? AND stream = ? ORDER BY id")
        let delete = try prepare("DELETE FROM outbox WHERE id = ?")
        for key in keys {
            var ids: [Int64] = []
            if let stream = try existingWord(key.stream) {
                if key.series.isEmpty {
                    try inAnySeries.bind([.integer(key.sequence), .integer(stream)])
                    while try inAnySeries.step() { ids.append(inAnySeries.integer(0) ?? 0) }
                } else if let series = try existingWord(key.series) {
                    try exact.bind([.integer(key.sequence), .integer(stream), .integer(series)])
                    while try exact.step() { ids.append(exact.integer(0) ?? 0) }
                }
            }
            for id in ids {
                try delete.bind([.integer(id)])
                while try delete.step() {}
            }
            if let count = known.outboxCount { known.outboxCount = count - ids.count }
            try found(key, ids.first)
        }
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
