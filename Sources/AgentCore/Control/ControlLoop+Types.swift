// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import PlugAndPlay
package import Quantities
package import StateStore
package import ThermostatControl

extension ControlLoop {
    /// A new temperature of one thermostat.
    package struct Temperature: Sendable, Hashable {
        /// Whose temperature it is.
        package var thermostat: ThermostatID
        /// The temperature, °C.
        package var celsius: Double
        /// When it was taken.
        package var takenAt: Now
        /// Whether a model made it.
        package var isSimulated: Bool
    }

    /// One thermostat of the installation.
    package struct StationSetup: Sendable {
        /// The sensor that it is controlled by; `nil` where it has none.
        package var sensor: SensorName?
        /// The sensor that checks it.
        package var second: SensorName?
        /// How it controls.
        package var settings: ControlSettings
        /// The relay; `nil` where it drives nothing.
        package var relay: RelaySetup?

        /// Describes a thermostat.
        package init(
            sensor: SensorName? = nil, second: SensorName? = nil, settings: ControlSettings = .withoutRelay(),
            relay: RelaySetup? = nil
        ) {
            self.sensor = sensor
            self.second = second
            self.settings = settings
            self.relay = relay
        }
    }

    /// Something that others should know; nobody is waited for.
    package enum Notice: Sendable {
        /// The state of a thermostat changed.
        case decided(ThermostatID, Decision)
        /// A fault began or ended.
        case fault(ThermostatID, Fault)
        /// What has to outlive the program.
        case remember(ThermostatID, ThermostatMemory)
        /// A target of an earlier run is outside of what is allowed now, and was limited; both in °C.
        case targetLimited(ThermostatID, from: Double, to: Double)
        /// Somebody on this machine changed a target, °C.
        case targetSetHere(ThermostatID, Double)
    }

    /// This boot of the machine, for what is proven by its clock.
    package struct Boot: Sendable, Hashable {
        /// The kernel's id of it; `nil` where it cannot be known.
        package var id: String?
        /// When it began, on the monotonic clock.
        package var start: ContinuousClock.Instant

        /// Describes a boot.
        package init(id: String?, start: ContinuousClock.Instant) {
            self.id = id
            self.start = start
        }
    }
}
