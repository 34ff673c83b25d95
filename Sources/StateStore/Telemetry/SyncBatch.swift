// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What the young tier hands to the disk in one transaction.
struct SyncBatch: Sendable {
    /// Which young file it comes from: the disk takes numbers and history of one lineage only.
    var epoch: String
    /// Rows to store, oldest first.
    var samples: [StoredSample] = []
    /// The young id of the last of them.
    var through: Int64 = 0
    /// Whether there are more rows up to ``end``.
    var hasMore: Bool { through < end && !samples.isEmpty }
    /// The young id of the last row that is to be moved, in several batches if need be.
    var end: Int64
    /// Rows to delete: acknowledged.
    var gone: [SampleKey] = []
    /// The series that the reservations are for.
    var series: String
    /// Whether the disk is to know the series already.
    var isKnown: Bool
    /// How far each stream may count.
    var reservations: [String: Int64]
    /// Streams that had no limit before this call.
    var unlimited: Set<String>
    /// Up to which young id rows may have been on the disk before this call.
    var before: Int64
    /// Rolled-up samples by the number of their batch.
    var deltas: [Delta] = []
    /// The highest of these numbers.
    var batch: Int64
    /// When boots began, in milliseconds since 1970, where that was learned.
    var bootClocks: [String: Int64] = [:]

    /// Rolled-up samples of one batch.
    struct Delta: Sendable, Hashable {
        var batch: Int64
        var bucket: Bucket
    }
}

/// What the disk made of a batch.
enum SyncOutcome: Sendable, Equatable {
    /// Everything in it is on the disk now.
    case stored(inserted: Int, thinned: Int, dropped: Int, aged: Int)
    /// The disk has gone on with another young file: this one's numbers may not be used on.
    case superseded
}
