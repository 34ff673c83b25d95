// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What a thermostat does with its relay.
package enum ThermostatMode: String, Sendable, Hashable, CaseIterable {
    /// The relay stays off, and nothing overrides that.
    case off
    /// The relay warms.
    case heat
    /// The relay cools.
    case cool
}

/// Two-point control with a band on each side of the target.
///
/// Heating goes on at `target − onBand` or below and off at `target + offBand` or above; cooling goes on at
/// `target + onBand` or above and off at `target − offBand` or below. Both ends belong to the action that they name. In
/// between the last request stays, also over a change of the target, which is judged at once but passes no timer.
package struct Hysteresis: Sendable, Hashable {
    /// How far the temperature may be on the wrong side of the target before the relay goes on, in K.
    package var onBand: Double
    /// How far it may be on the other side before the relay goes off, in K.
    package var offBand: Double

    /// The smallest sum of both bands, in K: below, the noise of a sensor switches the relay.
    package static let smallestWidth = 0.2

    /// Makes a band; the defaults suit a room.
    package init(onBand: Double = 0.5, offBand: Double = 0.2) {
        self.onBand = onBand
        self.offBand = offBand
    }

    /// The temperature at which the relay goes on, in °C; `nil` in mode off.
    package func onThreshold(_ mode: ThermostatMode, target: Double) -> Double? {
        switch mode {
        case .off: nil
        case .heat: target - onBand
        case .cool: target + onBand
        }
    }

    /// The temperature at which the relay goes off, in °C; `nil` in mode off.
    package func offThreshold(_ mode: ThermostatMode, target: Double) -> Double? {
        switch mode {
        case .off: nil
        case .heat: target + offBand
        case .cool: target - offBand
        }
    }

    /// Whether the relay is wanted on at `celsius`, where it was wanted on or not before.
    package func wantsOn(_ mode: ThermostatMode, celsius: Double, target: Double, before: Bool) -> Bool {
        switch mode {
        case .off: false
        case .heat where celsius <= target - onBand: true
        case .heat where celsius >= target + offBand: false
        case .cool where celsius >= target + onBand: true
        case .cool where celsius <= target - offBand: false
        case .heat, .cool: before
        }
    }
}
