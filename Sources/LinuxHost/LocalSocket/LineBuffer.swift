// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Makes lines of bytes as they come, and never holds more than one line's worth beyond the last piece.
struct LineBuffer: Sendable {
    /// What the bytes so far give.
    enum Next: Sendable, Hashable {
        /// A line without its end.
        case line([UInt8])
        /// More bytes without an end than a line may have.
        case tooLong
        /// More bytes are needed.
        case incomplete
    }

    private let limit: Int
    private var bytes: [UInt8] = []
    /// How much of `bytes` was looked through without finding an end.
    private var searched = 0

    /// Makes an empty buffer for lines of at most `limit` bytes.
    init(limit: Int) { self.limit = limit }

    /// Whether nothing waits, not even the beginning of a line.
    var isEmpty: Bool { bytes.isEmpty }

    /// Takes bytes as they came.
    mutating func append(_ new: some Collection<UInt8>) { bytes += new }

    /// Takes the next line out.
    mutating func next() -> Next {
        guard let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
            searched = bytes.count
            return bytes.count > limit ? .tooLong : .incomplete
        }
        guard end <= limit else { return .tooLong }
        var line = Array(bytes[..<end])
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        bytes.removeFirst(end + 1)
        searched = 0
        return .line(line)
    }
}
