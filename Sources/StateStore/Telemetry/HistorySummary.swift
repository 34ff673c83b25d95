// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// What is known of a stream over some time; what is not known is said.
package struct HistorySummary: Sendable, Hashable {
    /// The lowest, highest and mean value.
    package var minimum: Double
    package var maximum: Double
    package var average: Double
    /// How many samples that is.
    package var count: Int64
    /// The time of the first and last sample that was counted.
    package var start: WallTime
    package var end: WallTime
    /// The fewest pauses of more than ``longestPause`` that there were, at the beginning and the end too.
    package var gaps: Int

    /// Whether there was no such pause.
    package var isComplete: Bool { gaps == 0 }

    /// A longer time without a sample is a gap: two slots of five minutes.
    package static let longestPause = Duration.seconds(600)
}

/// Puts a summary together from buckets and single samples.
struct HistoryReport {
    var since: Int64
    var until: Int64
    private var sum = 0.0
    private var count: Int64 = 0
    private var (minimum, maximum) = (Double.infinity, -Double.infinity)
    private var first: Int64?
    private var last: Int64
    private var gaps = 0

    /// - Parameter until: The end of the time asked for, normally now.
    init(since: WallTime, until: WallTime) {
        self.since = since.millisecondsSince1970
        self.until = until.millisecondsSince1970
        last = self.since
    }

    /// Adds single samples, in the order of their time, those outside of the time asked for excepted.
    mutating func add(_ samples: [(Int64, Double)]) {
        for (time, value) in samples where time >= since && time <= until {
            add(minimum: value, maximum: value, sum: value, count: 1, first: time, last: time)
        }
    }

    /// Adds a bucket; one that begins before the time asked for is left out, because its samples cannot be told apart.
    mutating func add(_ bucket: Bucket) {
        guard bucket.key.start >= since, bucket.first <= until else { return }
        add(
            minimum: bucket.minimum, maximum: bucket.maximum, sum: bucket.sum, count: bucket.count,
            first: bucket.first, last: bucket.last)
        // An hour that lacks two slots in its middle has a pause that its ends do not show.
        let spanned = (bucket.last / Bucket.slot) - (bucket.first / Bucket.slot) + 1
        if bucket.slots > 0, spanned - bucket.slots >= 2 { gaps += 1 }
    }

    private mutating func add(
        minimum: Double, maximum: Double, sum: Double, count: Int64, first: Int64, last: Int64
    ) {
        if first.subtractingReportingOverflow(self.last).partialValue
            > HistorySummary.longestPause.milliseconds
        {
            gaps += 1
        }
        self.minimum = min(self.minimum, minimum)
        self.maximum = max(self.maximum, maximum)
        self.sum += sum
        self.count += count
        self.first = min(self.first ?? first, first)
        self.last = max(self.last, last)
    }

    /// The summary, or `nil` where there was no sample.
    var summary: HistorySummary? {
        guard let first, count > 0 else { return nil }
        let isOpen =
            until.subtractingReportingOverflow(last).partialValue > HistorySummary.longestPause.milliseconds
        return HistorySummary(
            minimum: minimum, maximum: maximum, average: sum / Double(count), count: count,
            start: WallTime(millisecondsSince1970: first), end: WallTime(millisecondsSince1970: last),
            gaps: gaps + (isOpen ? 1 : 0))
    }
}
