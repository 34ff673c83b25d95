// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// One look at the clocks, taken together and handed down as an argument so that decisions stay pure.
public struct Now: Sendable, Hashable {
    /// The clock for every interval.
    ///
    /// It counts through suspend and is never set (C: `CLOCK_BOOTTIME`).
    public var monotonic: ContinuousClock.Instant
    /// The civil time, or `nil` where it cannot be known.
    public var wall: WallTime?
    /// Whether the civil time can be believed: at least it is not before the program was built.
    public var wallIsTrusted: Bool

    /// The civil time where it can be believed.
    public var trustedWall: WallTime? { wallIsTrusted ? wall : nil }

    /// Makes a look at the clocks from its parts.
    public init(monotonic: ContinuousClock.Instant, wall: WallTime?, wallIsTrusted: Bool) {
        self.monotonic = monotonic
        self.wall = wall
        self.wallIsTrusted = wallIsTrusted
    }
}
