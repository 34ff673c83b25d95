// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Failures since a connection was last stable; they decide when and where the next attempt goes.
struct FailureCounts: Equatable, Sendable {
    /// Of all causes.
    private(set) var inARow = 0
    /// Connections to the hub in a row that the other end closed before they were stable.
    private(set) var shortSessions = 0
    /// CONNACK 1, 2, 4 or 5 of the hub since it last accepted.
    var refusals = 0
    /// Of the hub since it was assigned or last reached.
    var sinceAssignment = 0
    private var byCause: [FailureCause: Int] = [:]

    /// Whether a stable connection has something to forget.
    var isClear: Bool { inARow == 0 && shortSessions == 0 }

    /// Counts a failure; returns how many of this cause that makes.
    ///
    /// The row of short sessions goes on only where the other end closed one: a network that does not even connect
    /// has ended the connections before, not another client.
    mutating func count(_ cause: FailureCause, endsSession: Bool = false) -> Int {
        inARow += 1
        if !endsSession { shortSessions = 0 }
        byCause[cause, default: 0] += 1
        return byCause[cause] ?? 1
    }

    /// Counts a connection that the other end closed before it was stable.
    mutating func countShortSession() { shortSessions += 1 }

    /// Starts again: a connection is stable.
    mutating func reset() {
        inARow = 0
        shortSessions = 0
        byCause = [:]
    }
}
