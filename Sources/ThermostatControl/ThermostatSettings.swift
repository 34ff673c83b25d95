// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What the outside may ask of a thermostat.
package struct ThermostatSettings: Sendable, Hashable {
    /// The wanted temperature in °C; `nil` restores the site's default.
    package var target: Double?

    /// Asks for `target` in °C, or with `nil` for the site's default.
    package init(target: Double?) { self.target = target }
}

/// What a thermostat says to new settings.
package enum Verdict: Sendable, Hashable {
    /// In force from now on; the target in °C.
    case accepted(Double)
    /// Refused with the reason, a clause for people; what was in force stays so.
    case rejected(reason: String)
}

/// The targets that an installation allows.
package struct TargetLimits: Sendable, Hashable {
    /// The lowest and highest target in °C, both allowed.
    package var range: ClosedRange<Double>
    /// The target in °C where nobody has asked for one.
    package var siteDefault: Double

    /// Makes limits; the default is limited to the range.
    package init(range: ClosedRange<Double>, siteDefault: Double) {
        self.range = range
        self.siteDefault = min(max(siteDefault, range.lowerBound), range.upperBound)
    }

    /// The nearest target that is allowed.
    package func limited(_ celsius: Double) -> Double {
        min(max(celsius, range.lowerBound), range.upperBound)
    }

    /// What a relay may be asked for where the installation says nothing else: 5…35 °C.
    package static let withRelay = TargetLimits(range: 5...35, siteDefault: 20)

    /// Without a relay nothing is driven, so the whole span of the common sensors is allowed: −40…125 °C.
    package static let withoutRelay = TargetLimits(range: -40...125, siteDefault: 20)
}
