// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// How the outbox is.
package struct TelemetryStatus: Sendable, Hashable {
    /// Rows that wait for their acknowledgement, set aside ones included.
    package var waiting: Int
    /// About how many bytes they take.
    package var bytes: Int
    /// Rows thinned out since the program started, because too many waited.
    package var thinned: Int
    /// Rows dropped since the program started, because too many waited or for too long.
    package var dropped: Int
    /// Rows that are set aside.
    package var setAside: Int
    /// Whether the young tier outlives the process.
    package var youngIsDurable: Bool
    /// Whether the last move to the disk worked.
    package var diskIsDurable: Bool

    /// Makes a status from its parts.
    package init(
        waiting: Int, bytes: Int, thinned: Int, dropped: Int, setAside: Int, youngIsDurable: Bool,
        diskIsDurable: Bool
    ) {
        self.waiting = waiting
        self.bytes = bytes
        self.thinned = thinned
        self.dropped = dropped
        self.setAside = setAside
        self.youngIsDurable = youngIsDurable
        self.diskIsDurable = diskIsDurable
    }
}

/// What came of moving telemetry to the disk.
package enum SyncResult: Sendable, Hashable {
    /// Everything that was older than the call is on the disk; so many rows of it were still waiting.
    case done(moved: Int)
    /// The disk took nothing; the young tier keeps it until the next time.
    case failed(StoreError)
    /// Another call is at it.
    case underWay
}
