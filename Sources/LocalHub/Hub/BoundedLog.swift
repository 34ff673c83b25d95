// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A list of the latest records, numbered from 1 over its whole life.
struct BoundedLog<Record: Sendable>: Sendable {
    private(set) var records: [Record] = []
    private(set) var total = 0

    /// The number the next record gets.
    var nextSequence: Int { total + 1 }

    mutating func append(_ record: Record, limit: Int) {
        total += 1
        records.append(record)
        // Dropping a tenth at once keeps the cost of one record constant.
        if records.count > limit { records.removeFirst(records.count - limit + limit / 10) }
    }

    /// Records after the one with that number.
    func after(_ sequence: Int) -> [Record] {
        guard sequence < total else { return [] }
        return Array(records.suffix(total - max(sequence, 0)))
    }
}
