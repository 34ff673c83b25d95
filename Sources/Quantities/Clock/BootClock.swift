// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Civil time as an offset from the boot, known once the clock is right; pure.
///
/// What was measured before the clock was set is dated afterwards with it, because time since the boot is never set.
public struct BootClock: Sendable, Hashable {
    /// The civil time at which this boot began, by the clock as it is now.
    public var bootedAt: WallTime
    /// Whether nobody vouches for the clock, so that its dates may be wrong by any amount.
    public var isEstimated: Bool

    /// Takes the offset from one look at both clocks.
    public init(wall: WallTime, sinceBoot: Duration, isEstimated: Bool = false) {
        bootedAt = wall.advanced(by: .zero - sinceBoot)
        self.isEstimated = isEstimated
    }

    /// The civil time of a moment, as whole milliseconds; saturates at the ends of the range.
    public func date(sinceBoot: Duration) -> WallTime { bootedAt.advanced(by: sinceBoot) }

    /// How far the clock was set from `other` to here; positive where it was set forward.
    public func step(from other: BootClock) -> Duration { other.bootedAt.duration(to: bootedAt) }
}

extension WallTime {
    /// The difference to a later time; negative to an earlier one, and limited to the range of a duration.
    public func duration(to later: WallTime) -> Duration {
        let (difference, overflow) = later.millisecondsSince1970.subtractingReportingOverflow(
            millisecondsSince1970)
        guard overflow else { return .milliseconds(difference) }
        return .milliseconds(later < self ? Int64.min : Int64.max)
    }
}
