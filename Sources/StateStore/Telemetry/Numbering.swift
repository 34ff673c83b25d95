// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Gives out sequence numbers such that no message id is ever used twice, whatever is lost.
///
/// The young tier, which counts, is lost in a power cut; the disk remembers how far it may have counted. So a number is
/// given only within what the disk has reserved for the series. Where the disk cannot reserve, a series begins that
/// the disk has never heard of: it needs no reservation, because nothing can go on with it once it is lost.
struct Numbering: Sendable, Equatable {
    /// One stream's count.
    struct Stream: Sendable, Equatable {
        /// The last number that was given.
        var last: Int64
        /// The last number that may be given; `nil` is no limit.
        var reserved: Int64?
        /// The last number at the last renewal.
        var renewedAt: Int64
    }

    /// The name of streams that were never met: the numbers that any new stream may have.
    static let unmet = "*"
    /// The fewest numbers that are reserved ahead of use.
    static let leastAhead: Int64 = 32

    /// The series of the next number.
    private(set) var series: String
    private(set) var streams: [String: Stream]
    /// Whether the disk knows the series.
    private(set) var isKnown: Bool

    /// A series that nothing but this process knows: no limit.
    init(unknownTo series: String, after last: [String: Int64] = [:]) {
        self.series = series
        isKnown = false
        streams = last.mapValues { Stream(last: $0, reserved: nil, renewedAt: $0) }
        streams[Self.unmet] = streams[Self.unmet] ?? Stream(last: 0, reserved: nil, renewedAt: 0)
    }

    /// Goes on where a file says.
    init(series: String, isKnown: Bool, streams: [String: Stream]) {
        self.series = series
        self.isKnown = isKnown
        self.streams = streams
    }

    /// The next number of a stream; `newSeries` is asked for a name where nothing is reserved any more.
    mutating func next(_ name: String, newSeries: () -> String) -> Int64 {
        var stream = streams[name] ?? streams[Self.unmet] ?? Stream(last: 0, reserved: 0, renewedAt: 0)
        // Nobody counts to 2^63; a damaged row may say so, and then the numbers begin anew under another series.
        let isAtEnd = stream.last == .max
        if isAtEnd { stream = Stream(last: 0, reserved: 0, renewedAt: 0) }
        if let reserved = stream.reserved, stream.last >= reserved {
            beginSeries(newSeries())
            stream.reserved = nil
        }
        stream.last += 1
        streams[name] = stream
        return stream.last
    }

    /// Begins a series that nothing but this process knows; the counts go on.
    mutating func beginSeries(_ name: String) {
        series = name
        isKnown = false
        for stream in streams.keys { streams[stream]?.reserved = nil }
    }

    /// What the disk should reserve: twice what was used since the last renewal, and no less than a few.
    func reservations() -> [String: Int64] {
        streams.mapValues { stream in
            let used = stream.last.subtractingReportingOverflow(stream.renewedAt).partialValue
            let ahead = max(Self.leastAhead, used > .max / 4 ? 0 : used * 2)
            let (sum, overflow) = stream.last.addingReportingOverflow(ahead)
            return overflow ? .max : sum
        }
    }

    /// Limits a series without limit to what the disk is about to reserve, because the disk will know it then.
    mutating func limit(to reservations: [String: Int64]) {
        for (name, limit) in reservations where streams[name]?.reserved == nil {
            streams[name]?.reserved = limit
        }
    }

    /// The disk has reserved for `series`; a series that has begun meanwhile has no part in it.
    mutating func renewed(_ reservations: [String: Int64], for series: String) {
        guard series == self.series else { return }
        isKnown = true
        for (name, limit) in reservations {
            guard let stream = streams[name] else { continue }
            streams[name] = Stream(last: stream.last, reserved: limit, renewedAt: stream.last)
        }
    }

    /// The disk has certainly not reserved: what was without limit `before` is so again.
    mutating func refused(_ series: String, unlimited names: Set<String>) {
        guard series == self.series else { return }
        for name in names { streams[name]?.reserved = nil }
    }

    /// The streams that have no limit.
    var unlimited: Set<String> { Set(streams.filter { $0.value.reserved == nil }.keys) }
}
