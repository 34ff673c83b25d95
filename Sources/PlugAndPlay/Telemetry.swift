// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import IoTHub
import StrictJSON

/// Builds the model's telemetry messages.
package enum Telemetry {
    /// `temperature` of a thermostat, °C; marked `simulated=true` where a model made it.
    package static func temperature(
        _ celsius: Double, of thermostat: ThermostatID, simulated: Bool
    ) -> TelemetryMessage {
        TelemetryMessage(
            component: thermostat.rawValue,
            body: .json([TemperatureController.Name.temperature: .double(celsius)]),
            properties: marks(simulated))
    }

    /// `workingSet` of the root: memory in KiB.
    package static func workingSet(_ kibibytes: Double, simulated: Bool) -> TelemetryMessage {
        TelemetryMessage(
            body: .json([TemperatureController.Name.workingSet: .double(kibibytes)]),
            properties: marks(simulated))
    }

    private static func marks(_ simulated: Bool) -> [TelemetryMessage.Property] {
        simulated ? [TelemetryMessage.Property(name: "simulated", value: "true")] : []
    }
}
