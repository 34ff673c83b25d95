// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// One thermostat as a pure value: events and settings in, verdicts out; no clock, no task, no output of its own.
package struct Thermostat: Sendable {
    /// The targets that are allowed here.
    package let limits: TargetLimits
    /// The target in force, °C; always inside ``limits``.
    package private(set) var target: Double
    /// The latest temperature that may be believed, °C, and when it was taken.
    package private(set) var latest: (celsius: Double, takenAt: Now)?

    /// Starts with a target restored from the last run, or the site's default; a restored one outside the limits is
    /// limited to them.
    package init(limits: TargetLimits, restoredTarget: Double? = nil) {
        self.limits = limits
        guard let restoredTarget, restoredTarget.isFinite else {
            target = limits.siteDefault
            return
        }
        target = min(max(restoredTarget, limits.range.lowerBound), limits.range.upperBound)
    }

    /// Takes a new temperature in °C.
    package mutating func record(celsius: Double, takenAt: Now) {
        latest = (celsius, takenAt)
    }

    /// Judges new settings and puts accepted ones in force.
    package mutating func apply(_ settings: ThermostatSettings) -> Verdict {
        guard let wanted = settings.target else {
            target = limits.siteDefault
            return .accepted(target)
        }
        guard wanted.isFinite else { return .rejected(reason: "the target is not a finite number") }
        guard limits.range.contains(wanted) else {
            let (low, high) = (limits.range.lowerBound, limits.range.upperBound)
            return .rejected(reason: "\(wanted) °C is outside \(low)…\(high) °C")
        }
        target = wanted
        return .accepted(wanted)
    }
}
