// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// All that an installation says about one thermostat.
package struct ControlSettings: Sendable, Hashable {
    /// The targets that are allowed.
    package var limits: TargetLimits
    /// What the relay does where nobody has chosen; off without a relay.
    package var mode: ThermostatMode
    /// The bands around the target.
    package var hysteresis: Hysteresis
    /// The times that the load needs.
    package var gate: GateSettings
    /// What is believed of the sensor.
    package var watch: WatchSettings
    /// What is believed of a second sensor, and how far it may differ; `nil` without one.
    package var second: Second?
    /// What the relay has to bring about.
    package var effect: EffectSettings
    /// Whether a relay of the real world hangs on it, which simulated readings never drive.
    package var drivesRealOutput: Bool

    /// A second sensor that checks the first.
    package struct Second: Sendable, Hashable {
        /// What is believed of it.
        package var watch: WatchSettings
        /// How far it may differ.
        package var crossCheck: CrossCheckSettings

        /// Describes a second sensor.
        package init(watch: WatchSettings, crossCheck: CrossCheckSettings = CrossCheckSettings()) {
            self.watch = watch
            self.crossCheck = crossCheck
        }
    }

    /// Makes a configuration.
    package init(
        limits: TargetLimits, mode: ThermostatMode, hysteresis: Hysteresis = Hysteresis(), gate: GateSettings,
        watch: WatchSettings, second: Second? = nil, effect: EffectSettings = EffectSettings(),
        drivesRealOutput: Bool
    ) {
        self.limits = limits
        self.mode = mode
        self.hysteresis = hysteresis
        self.gate = gate
        self.watch = watch
        self.second = second
        self.effect = effect
        self.drivesRealOutput = drivesRealOutput
    }

    /// A thermostat that has a target and drives nothing.
    package static func withoutRelay(period: Duration = .seconds(8)) -> ControlSettings {
        ControlSettings(
            limits: .withoutRelay, mode: .off, gate: LoadProfile.electricHeater.gate,
            watch: WatchSettings(period: period, siteRange: -270...1800), drivesRealOutput: false)
    }
}

/// What an earlier run of the program left behind.
package struct RestoredThermostat: Sendable, Hashable {
    /// The last accepted target in °C.
    package var target: Double?
    /// The last chosen mode.
    package var mode: ThermostatMode?
    /// When the relay was switched off, where a record of this very boot proves it.
    package var offSince: ContinuousClock.Instant?
    /// Why the relay has to stay off until a reset; `nil` where it need not.
    package var latch: String?
    /// What is left of the lock-out after a maximum on time; `nil` where none ran.
    package var lockOut: LockOut?

    /// How long a lock-out of an earlier run still lasts.
    package enum LockOut: Sendable, Hashable {
        /// Until then, by a record of this very boot.
        case until(ContinuousClock.Instant)
        /// Nobody knows, so the whole of it passes once more.
        case unproven
        /// Nobody knows whether there was one: the relay is held off for as long as one lasts, until ``Thermostat/learn(_:at:)``.
        case unknown
    }

    /// Nothing is known.
    package init() {}
}
