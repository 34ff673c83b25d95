// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

/// How long to wait before attempt n: exponential with full jitter.
package struct Backoff: Sendable, Hashable {
    /// The upper bound before the first repetition.
    package var base: Duration
    /// By how much the upper bound grows with each failure.
    package var factor: Double
    /// The largest upper bound.
    package var cap: Duration

    /// Makes a back-off.
    package init(base: Duration = .seconds(1), factor: Double = 2, cap: Duration = .seconds(100)) {
        self.base = base
        self.factor = factor
        self.cap = cap
    }

    /// The largest wait after `failures` failures in a row (1 or more).
    package func ceiling(afterFailures failures: Int) -> Duration {
        // Beyond 64 doublings every sensible cap is reached, and the power stays finite.
        let exponent = min(max(failures, 1), 65) - 1
        var factors = 1.0
        for _ in 0..<exponent where factors < 1e12 { factors *= factor }
        let seconds = base.seconds * factors
        return seconds < cap.seconds ? .seconds(seconds) : cap
    }

    /// The wait after `failures` failures in a row: evenly spread over zero to ``ceiling(afterFailures:)``.
    package func delay(afterFailures failures: Int, random: UInt64) -> Duration {
        ceiling(afterFailures: failures) * Self.fraction(random)
    }

    /// The wait where trying soon is pointless: evenly spread over half the cap to the cap.
    package func slowDelay(random: UInt64) -> Duration {
        cap * (0.5 + Self.fraction(random) / 2)
    }

    /// Maps all values evenly to 0 ..< 1.
    static func fraction(_ random: UInt64) -> Double {
        Double(random >> 11) / Double(UInt64(1) << 53)
    }
}
