// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import PlugAndPlay
package import Quantities
package import ThermostatControl

/// All that can be told of one thermostat at one moment.
package struct ThermostatSnapshot: Sendable {
    /// Which one.
    package var id: ThermostatID
    /// What it decided last.
    package var decision: Decision
    /// The sensor that it is controlled by.
    package var sensor: SensorName?
    /// The sensor that checks it.
    package var second: SensorName?
    /// The last good temperature, and how old it is.
    package var latest: (celsius: Double, age: Duration)?
    /// The relay; `nil` where it drives nothing.
    package var relay: Relay?
    /// The last faults, oldest first.
    package var faults: [Fault]
    /// The last change of the relay: how long ago, and the sentence of that decision.
    package var lastChange: (age: Duration, cause: String)?
    /// The targets that are allowed, °C.
    package var limits: ClosedRange<Double>

    /// What is known of the relay.
    package struct Relay: Sendable, Hashable {
        /// The line.
        package var line: LineAddress
        /// Whether it is one of the real world.
        package var isReal: Bool
        /// Whether it is commanded on.
        package var isCommandedOn: Bool
        /// What the line reads; `nil` where it cannot be read.
        package var readBack: Bool?
        /// How often it was switched on in its life.
        package var cycles: Int
        /// How long it was on in its life.
        package var onTime: Duration
        /// The part of its rated life that is used up.
        package var wear: Double
    }
}
