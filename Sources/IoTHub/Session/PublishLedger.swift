// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Publishes that wait for PUBACK, and when the oldest of them began.
struct PublishLedger: Sendable {
    private var open: Set<UInt64> = []
    private var starts: [(id: UInt64, at: ContinuousClock.Instant)] = []
    private var head = 0
    private var lastID: UInt64 = 0

    var count: Int { open.count }

    var isEmpty: Bool { open.isEmpty }

    /// When the oldest publish that still waits began.
    var oldest: ContinuousClock.Instant? { head < starts.count ? starts[head].at : nil }

    /// Notes a publish; the result identifies it.
    mutating func begin(at instant: ContinuousClock.Instant) -> UInt64 {
        lastID += 1
        open.insert(lastID)
        starts.append((lastID, instant))
        return lastID
    }

    /// Notes the end of a publish, whatever it was; once only counts.
    mutating func end(_ id: UInt64) {
        open.remove(id)
        while head < starts.count, !open.contains(starts[head].id) { head += 1 }
        guard head > 256, head * 2 > starts.count else { return }
        starts.removeFirst(head)
        head = 0
    }
}
