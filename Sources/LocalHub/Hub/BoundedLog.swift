// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A list of the latest records, numbered from 1 over its whole life.
struct BoundedLog<Record: Sendable>: Sendable {
    private(set) var records: [Record] = []
    private(set) var total = 0
    private var sizes: [Int] = []
    private var size = 0

    /// The number the next record gets.
    var nextSequence: Int { total + 1 }

    /// Adds a record of so many bytes and forgets the oldest beyond a number of records or of bytes.
    ///
    /// The newest record stays, however large it is.
    mutating func append(_ record: Record, bytes: Int = 0, limit: Int, byteLimit: Int = .max) {
        total += 1
        records.append(record)
        sizes.append(bytes)
        size += bytes
        guard records.count > limit || size > byteLimit else { return }
        // Dropping a tenth at once keeps the cost of one record constant.
        var count = records.count > limit ? records.count - limit + limit / 10 : 0
        size -= sizes.prefix(count).reduce(0, +)
        while size > byteLimit - byteLimit / 10, count < records.count - 1 {
            size -= sizes[count]
            count += 1
        }
        records.removeFirst(count)
        sizes.removeFirst(count)
    }

    /// Records after the one with that number.
    func after(_ sequence: Int) -> [Record] {
        guard sequence < total else { return [] }
        // Who looks at all of them after each one must not copy them.
        guard sequence > total - records.count else { return records }
        return Array(records.suffix(total - sequence))
    }
}
