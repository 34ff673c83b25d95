// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import StrictJSON

/// Builds parts of the reported section; parts are put together with ``JSONValue/merged(with:)``.
package enum ReportedProperties {
    /// The root property `serialNumber`.
    package static func serialNumber(_ text: String) -> JSONValue {
        [TemperatureController.Name.serialNumber: .string(text)]
    }

    /// All of the component `deviceInformation`.
    package static func deviceInformation(_ information: DeviceInformation) -> JSONValue {
        component(TemperatureController.deviceInformation, information.properties)
    }

    /// `maxTempSinceLastReboot` of a thermostat, °C.
    package static func maximum(_ celsius: Double, of thermostat: ThermostatID) -> JSONValue {
        component(thermostat.rawValue, [TemperatureController.Name.maxTempSinceLastReboot: .double(celsius)])
    }

    /// The answer to a desired `targetTemperature`, or the device's own initial value.
    package static func target(_ acknowledgement: PropertyAcknowledgement, of thermostat: ThermostatID)
        -> JSONValue
    {
        component(thermostat.rawValue, [TemperatureController.Name.targetTemperature: acknowledgement.value])
    }

    /// What the reported section holds as the answer for a thermostat's target; `nil` where it holds none.
    package static func reportedTarget(
        in reported: [String: JSONValue], of thermostat: ThermostatID
    ) -> (celsius: Double?, version: Int64)? {
        let held = reported[thermostat.rawValue]?[TemperatureController.Name.targetTemperature]
        guard let held, let version = held["av"]?.intValue else { return nil }
        return (held["value"]?.doubleValue, version)
    }

    /// A component's object with its marker `"__t": "c"`.
    private static func component(_ name: String, _ properties: [String: JSONValue]) -> JSONValue {
        [name: .object(properties.merging(["__t": "c"]) { property, _ in property })]
    }
}

/// The acknowledgement of a writable property: the value in use, a code, the version it answers and a text.
///
/// Plug and Play conventions, "writable property acknowledgement".
package struct PropertyAcknowledgement: Sendable, Hashable {
    /// The value that the device uses now, °C.
    package var celsius: Double
    /// HTTP-like: 200 applied, 203 the device's own value, 400 refused.
    package var code: Int
    /// The desired version that this answers; 0 for the device's own value.
    package var version: Int64
    /// A sentence for people.
    package var text: String

    /// Applied as asked.
    package static func completed(_ celsius: Double, version: Int64) -> Self {
        Self(celsius: celsius, code: 200, version: version, text: "completed")
    }

    /// Refused; `celsius` is what stays in use.
    package static func refused(keeping celsius: Double, version: Int64, reason: String) -> Self {
        Self(
            celsius: celsius, code: 400, version: version,
            text: "Refused: \(reason). \(celsius) °C stays in use.")
    }

    /// The device's own value, which answers no request.
    package static func initial(_ celsius: Double) -> Self {
        Self(celsius: celsius, code: 203, version: 0, text: "initialized with the device's own value")
    }

    var value: JSONValue {
        ["value": .double(celsius), "ac": .int(Int64(code)), "av": .int(version), "ad": .string(text)]
    }
}
