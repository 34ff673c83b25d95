// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Ticks at fixed multiples of an interval after a start, so that late work never shifts the ticks that follow.
package struct DriftFreeSchedule: Sendable, Hashable {
    /// The first tick.
    package let start: ContinuousClock.Instant
    /// The time between ticks; positive.
    package let interval: Duration

    /// Makes a schedule whose first tick is `start`; an interval below one millisecond counts as one millisecond.
    package init(start: ContinuousClock.Instant, every interval: Duration) {
        self.start = start
        self.interval = max(interval, .milliseconds(1))
    }

    /// The first tick strictly after `instant`; ticks that were missed meanwhile are left out, not made up for.
    package func next(after instant: ContinuousClock.Instant) -> ContinuousClock.Instant {
        let elapsed = start.duration(to: instant)
        guard elapsed >= .zero else { return start }
        let count = (elapsed / interval).rounded(.down)
        let candidate = start.advanced(by: interval * count)
        return candidate > instant ? candidate : candidate.advanced(by: interval)
    }
}
