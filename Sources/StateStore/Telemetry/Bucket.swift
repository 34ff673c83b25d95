// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

/// The samples of one stream within one slot of time, rolled up.
struct Bucket: Sendable, Hashable {
    /// Which bucket it is.
    struct Key: Sendable, Hashable {
        var stream: String
        var isSimulated: Bool
        /// Milliseconds since 1970; a multiple of the slot's length.
        var start: Int64
    }

    /// Five minutes, in milliseconds.
    static let slot: Int64 = 300_000
    /// An hour, in milliseconds.
    static let hour: Int64 = 3_600_000

    var key: Key
    var minimum: Double
    var maximum: Double
    var sum: Double
    var count: Int64
    /// The first and last sample's time, milliseconds since 1970.
    var first: Int64
    var last: Int64
    /// How many slots of five minutes have gone into it.
    var slots: Int64

    /// The bucket of one sample.
    init(stream: String, isSimulated: Bool, value: Double, at wall: WallTime) {
        let time = wall.millisecondsSince1970
        key = Key(stream: stream, isSimulated: isSimulated, start: Self.start(of: time, length: Self.slot))
        (minimum, maximum, sum, count, first, last, slots) = (value, value, value, 1, time, time, 1)
    }

    /// Adds the samples of another bucket of the same slot.
    mutating func merge(_ other: Bucket) {
        minimum = min(minimum, other.minimum)
        maximum = max(maximum, other.maximum)
        sum += other.sum
        count += other.count
        first = min(first, other.first)
        last = max(last, other.last)
    }

    /// The beginning of the slot that a time lies in.
    static func start(of time: Int64, length: Int64) -> Int64 {
        let rest = time % length
        // Saturates: a time this far back is no date anyway.
        return time.subtractingReportingOverflow(rest < 0 ? rest + length : rest).partialValue
    }

    /// Rolls samples up, dated ones only.
    static func rollUp(
        _ samples: some Sequence<(stream: String, isSimulated: Bool, value: Double, wall: WallTime?)>
    )
        -> [Key: Bucket]
    {
        var buckets: [Key: Bucket] = [:]
        for sample in samples {
            guard let wall = sample.wall else { continue }
            let bucket = Bucket(
                stream: sample.stream, isSimulated: sample.isSimulated, value: sample.value, at: wall)
            if buckets[bucket.key]?.merge(bucket) == nil { buckets[bucket.key] = bucket }
        }
        return buckets
    }
}
