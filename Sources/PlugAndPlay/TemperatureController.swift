// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The device model that is announced, as published: names exactly as its DTDL has them.
package enum TemperatureController {
    /// The model id (`@id` of the interface).
    package static let modelID = "dtmi:com:example:TemperatureController;2"

    /// The component that describes the machine.
    static let deviceInformation = "deviceInformation"

    /// Names of properties and telemetry.
    enum Name {
        static let serialNumber = "serialNumber"
        static let workingSet = "workingSet"
        static let temperature = "temperature"
        static let targetTemperature = "targetTemperature"
        static let maxTempSinceLastReboot = "maxTempSinceLastReboot"
        static let getMaxMinReport = "getMaxMinReport"
        static let reboot = "reboot"
    }
}

/// The two thermostat components of the model.
package enum ThermostatID: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    /// Implements `dtmi:com:example:Thermostat;1`.
    case thermostat1
    /// Implements `dtmi:com:example:Thermostat;2`.
    case thermostat2

    /// The component's name.
    package var description: String { rawValue }
}
