// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities
package import ThermostatControl

/// `[outputs]`: whether lines of the real world are driven.
package struct OutputsConfiguration: Sendable, Hashable {
    /// `outputs.enabled`: without it every relay is simulated; default `false`.
    package var enabled: Bool

    /// Makes the section from its values.
    package init(enabled: Bool = false) { self.enabled = enabled }
}

/// `[thermostat1]`, `[thermostat2]`: one thermostat component of the model.
package struct ThermostatConfiguration: Sendable, Hashable {
    /// `thermostatN.sensor`: the sensor whose temperature it shows; both may name the same one.
    package var sensor: SensorName?
    /// `thermostatN.second-sensor`: the sensor that checks the first.
    package var secondSensor: SensorName?
    /// `thermostatN.mode`: what the relay does where nobody has chosen; default off.
    ///
    /// Off, because heat and cool cannot be guessed, and a load should go on because somebody said so.
    package var mode = ThermostatMode.off
    /// `thermostatN.target`, `lowest-target` and `highest-target`, °C; 20 and 5…35 with a relay, else −40…125.
    package var limits = TargetLimits.withoutRelay
    /// `thermostatN.on-band` and `off-band`, K; default 0.5 and 0.2.
    package var hysteresis = Hysteresis()
    /// `thermostatN.maximum-age`; `nil` for three intervals of the sensor or 60 s, whichever is longer.
    package var maximumAge: Duration?
    /// `thermostatN.lowest-temperature` and `highest-temperature`: what the site can have, °C; default −20…60.
    package var siteRange = -20.0...60.0
    /// `thermostatN.maximum-rate`: the fastest change that is believed at once, K/s; default 2.
    package var maximumRate = 2.0
    /// `thermostatN.frozen-after`: a value that stands still so long with the relay on is a fault; `nil` never.
    package var frozenAfter: Duration?
    /// `thermostatN.largest-difference`: how far both sensors may differ, K; default 2.
    package var largestDifference = 2.0
    /// `thermostatN.no-effect-after` and `lock-out-on-alarm`; default 30 min and no.
    package var effect = EffectSettings()
    /// `[thermostatN.relay]`; `nil` where it drives nothing.
    package var relay: RelayConfiguration?

    /// Makes the section from its sensor and defaults.
    package init(sensor: SensorName? = nil) { self.sensor = sensor }

    /// What a thermostat gets whose sensors are read at these intervals.
    package func controlSettings(
        period: Duration, secondPeriod: Duration? = nil, drivesRealOutput: Bool
    ) -> ControlSettings {
        guard let relay else {
            var settings = ControlSettings.withoutRelay(period: period)
            settings.limits = limits
            return settings
        }
        let second = secondPeriod.map { period in
            ControlSettings.Second(
                watch: watch(period), crossCheck: CrossCheckSettings(limit: largestDifference))
        }
        return ControlSettings(
            limits: limits, mode: mode, hysteresis: hysteresis, gate: relay.gate, watch: watch(period),
            second: second, effect: effect, drivesRealOutput: drivesRealOutput)
    }

    /// What is believed of a sensor that is read at intervals of `period`.
    package func watch(_ period: Duration) -> WatchSettings {
        WatchSettings(
            period: period, maximumAge: maximumAge, siteRange: siteRange, maximumRate: maximumRate,
            frozenAfter: frozenAfter)
    }
}

/// `[thermostatN.relay]`: the relay that a thermostat drives.
package struct RelayConfiguration: Sendable, Hashable {
    /// `line`: where it hangs.
    package var line: LineReference
    /// `active-low`: whether it is on when the level is low; default no.
    package var activeLow = false
    /// `load`: what hangs on it; default an electric heater.
    package var load = LoadProfile.electricHeater
    /// `minimum-on`, `minimum-off` and `maximum-on`; the load's where they are unset.
    package var gate = LoadProfile.electricHeater.gate
    /// `rated-cycles`: after how many cycles its maker calls it worn; default 100 000.
    package var ratedCycles = 100_000
    /// `unsafe-line`: whether a line is taken that the board file marks as unsafe for a relay.
    package var acceptsUnsafeLine = false

    /// Makes a relay from its line and defaults.
    package init(line: LineReference) { self.line = line }
}
