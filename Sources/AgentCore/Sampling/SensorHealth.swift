// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Counts failed samples of one sensor and says when to try again and what is worth a log line; pure.
package struct SensorHealth: Sendable, Hashable {
    /// What a result changed.
    package enum Change: Sendable, Hashable {
        /// Nothing that anybody has to be told.
        case none
        /// The first failure after a good sample or after the start.
        case firstFailure
        /// Enough failures in a row: the sensor counts as lost.
        case lost
        /// A good sample after the sensor was lost.
        case recovered
    }

    /// Failures in a row that make a sensor lost.
    package static let failuresUntilLost = 3
    /// The longest wait between attempts at a lost sensor.
    package static let longestWait = Duration.seconds(60)

    /// Failed samples since the last good one.
    package private(set) var failures = 0
    /// No attempt before this instant.
    package private(set) var notBefore: ContinuousClock.Instant?

    /// Starts without failures.
    package init() {}

    /// Whether the sensor counts as lost.
    package var isLost: Bool { failures >= Self.failuresUntilLost }

    /// Takes a failed sample; a lost sensor is tried less and less often, doubling from `interval`.
    package mutating func failed(at now: ContinuousClock.Instant, interval: Duration) -> Change {
        failures += 1
        guard isLost else { return failures == 1 ? .firstFailure : .none }
        let doublings = min(failures - Self.failuresUntilLost, 10)
        notBefore = now.advanced(by: min(interval * (1 << doublings), max(Self.longestWait, interval)))
        return failures == Self.failuresUntilLost ? .lost : .none
    }

    /// Takes a good sample.
    package mutating func succeeded() -> Change {
        let wasLost = isLost
        failures = 0
        notBefore = nil
        return wasLost ? .recovered : .none
    }
}
