// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Decides when a risen maximum is worth a message: at once the first time, then at most once per interval.
package struct MaximumReport: Sendable {
    /// The highest temperature known, °C.
    package private(set) var maximum: Double?
    private var reported: Double?
    private var reportedAt: ContinuousClock.Instant?
    private let interval: Duration

    /// Makes a report that has told nothing yet.
    package init(every interval: Duration = .seconds(60)) {
        self.interval = interval
    }

    /// Takes the maximum as it now is, °C.
    package mutating func raise(to celsius: Double) {
        maximum = max(maximum ?? celsius, celsius)
    }

    /// The maximum if it has to be told now, and then counts it as told; `ignoringInterval` at the end of the program.
    package mutating func take(at now: ContinuousClock.Instant, ignoringInterval: Bool = false) -> Double? {
        guard let maximum, maximum != reported else { return nil }
        if let reportedAt, !ignoringInterval, reportedAt.duration(to: now) < interval { return nil }
        reported = maximum
        reportedAt = now
        return maximum
    }
}
