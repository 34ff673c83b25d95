// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

/// How long to wait before attempt n: exponential, with jitter.
package struct Backoff: Sendable, Hashable {
    /// Where below its ceiling a wait lies.
    package enum Spread: Sendable, Hashable {
        /// Anywhere from zero on: whoever comes back at once does no harm.
        case full
        /// In the upper half: coming back at once would be pointless or a burden.
        case upperHalf
    }

    /// The upper bound before the first repetition.
    package var base: Duration
    /// By how much the upper bound grows with each failure.
    package var factor: Double
    /// The largest upper bound.
    package var cap: Duration
    /// Where below its ceiling a wait lies.
    package var spread: Spread

    /// Makes a back-off.
    package init(
        base: Duration = .seconds(1), factor: Double = 2, cap: Duration = .seconds(100),
        spread: Spread = .full
    ) {
        self.base = base
        self.factor = factor
        self.cap = cap
        self.spread = spread
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

    /// The wait after `failures` failures in a row: evenly spread over the range that ``spread`` names.
    package func delay(afterFailures failures: Int, random: UInt64) -> Duration {
        let share = Self.fraction(random)
        let ceiling = ceiling(afterFailures: failures)
        return switch spread {
        case .full: ceiling * share
        case .upperHalf: ceiling * (0.5 + share / 2)
        }
    }

    /// Maps all values evenly to 0 ..< 1.
    static func fraction(_ random: UInt64) -> Double {
        Double(random >> 11) / Double(UInt64(1) << 53)
    }
}
