// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import IoTHub
import StrictJSON

/// The model's telemetry.
package enum Telemetry: Sendable, Hashable {
    /// `temperature` of a thermostat, °C.
    case temperature(of: ThermostatID)
    /// `workingSet` of the root: memory in KiB.
    case workingSet

    /// The component that sends it, `nil` for the root.
    package var component: String? {
        switch self {
        case .temperature(let id): id.rawValue
        case .workingSet: nil
        }
    }

    /// Its name in the model.
    package var name: String {
        switch self {
        case .temperature: TemperatureController.Name.temperature
        case .workingSet: TemperatureController.Name.workingSet
        }
    }

    /// The message for a value in the model's unit; marked `simulated=true` where a model made it.
    package func message(_ value: Double, simulated: Bool) -> TelemetryMessage {
        Self.message(value, named: name, component: component, simulated: simulated)
    }

    /// The message for a value that was stored under the names of the model at that time.
    package static func message(
        _ value: Double, named name: String, component: String?, simulated: Bool
    ) -> TelemetryMessage {
        TelemetryMessage(
            component: component, body: .json([name: .double(value)]),
            properties: simulated ? [TelemetryMessage.Property(name: "simulated", value: "true")] : [])
    }
}
