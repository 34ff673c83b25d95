// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import PlugAndPlay
package import Quantities

extension TelemetryPump {
    /// A value on its way to the hub.
    package struct Value: Sendable {
        /// In the telemetry's unit.
        package var value: Double
        /// What it is a value of.
        package var telemetry: Telemetry
        /// Whether nothing real was measured.
        package var isSimulated: Bool
        /// When it was measured.
        package var takenAt: Now

        /// Makes a value from its parts.
        package init(_ value: Double, of telemetry: Telemetry, simulated: Bool, takenAt: Now) {
            self.value = value
            self.telemetry = telemetry
            isSimulated = simulated
            self.takenAt = takenAt
        }
    }
}
