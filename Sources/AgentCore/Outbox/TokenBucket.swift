// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Lets so many things through in a second, and a second's worth of them at once; pure.
package struct TokenBucket: Sendable, Hashable {
    private let interval: Duration
    private let burst: Duration
    /// When the bucket would be full again, had nothing more been taken.
    private var fullAt: ContinuousClock.Instant

    /// Makes a full bucket of `perSecond` tokens a second, at least one in 1000 s.
    package init(perSecond: Double, at now: ContinuousClock.Instant) {
        interval = .seconds(1) / max(perSecond, 0.001)
        burst = max(.seconds(1), interval)
        fullAt = now
    }

    /// Takes a token; where there is none, returns when there will be one.
    package mutating func take(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        let next = max(fullAt, now).advanced(by: interval)
        let allowed = next.advanced(by: .zero - burst)
        guard allowed <= now else { return allowed }
        fullAt = next
        return nil
    }
}
