// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Lets the first measurement of every interval through, however often a sensor is read; pure.
package struct TelemetryRhythm: Sendable {
    private let schedule: DriftFreeSchedule
    /// From when on a measurement is let through.
    package private(set) var due: ContinuousClock.Instant

    /// Makes a rhythm that lets the first measurement at or after `start` through.
    package init(start: ContinuousClock.Instant, every interval: Duration) {
        schedule = DriftFreeSchedule(start: start, every: interval)
        due = start
    }

    /// Whether a measurement taken at `instant` is to be sent, and then counts it as sent.
    package mutating func take(at instant: ContinuousClock.Instant) -> Bool {
        guard instant >= due else { return false }
        due = schedule.next(after: instant)
        return true
    }
}
