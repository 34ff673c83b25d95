// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Stretches the telemetry interval when a day's messages run short, so that the rest of the day fits; pure.
///
/// A hub whose messages are used up drops the connection until midnight, and with it commands and targets. So from nine
/// tenths on, telemetry gets what is left evenly, and the last of it stays for everything else.
package struct TelemetryThrottle: Sendable {
    /// Messages of one UTC day.
    package let limit: Int
    private let interval: Duration
    private let round: Int
    private var lastSent: [String: ContinuousClock.Instant] = [:]
    /// Whether the interval is stretched now.
    package private(set) var isSlowed = false

    /// Makes a throttle for streams whose messages of one round count as `round` together.
    package init(limit: Int, interval: Duration, round: Int) {
        self.limit = max(0, limit)
        self.interval = interval
        self.round = max(1, round)
    }

    /// From where on the rest is shared out.
    private var threshold: Int { limit - limit / 10 }
    /// Whether what had to wait has to wait on: the rest is for what is new.
    package func isNearEnd(used: Int) -> Bool { used >= threshold }

    /// What is kept for twin, reports and commands.
    private var reserve: Int { limit / 50 }

    /// The interval that makes the rest of the day fit; `nil` where nothing is left for telemetry.
    package func stretched(used: Int, untilMidnight: Duration) -> Duration? {
        guard used >= threshold else { return interval }
        let room = limit - reserve - used
        guard room > 0 else { return nil }
        return max(interval, untilMidnight * (Double(round) / Double(room)))
    }

    /// Whether a message of a stream may be sent, and then counts it as sent.
    package mutating func allows(
        _ stream: String, used: Int, untilMidnight: Duration, at now: ContinuousClock.Instant
    ) -> Bool {
        guard let stretched = stretched(used: used, untilMidnight: untilMidnight) else {
            isSlowed = true
            return false
        }
        isSlowed = stretched > interval
        if isSlowed, let last = lastSent[stream], last.duration(to: now) < stretched { return false }
        lastSent[stream] = now
        return true
    }
}
