// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
package import StrictJSON

/// One thing that the desired section asks for, or why a part of it asks for nothing.
package enum DesiredChange: Sendable, Hashable {
    /// A target in °C, still to be judged by the thermostat's limits.
    case target(ThermostatID, celsius: Double)
    /// A target of the wrong type; the reason is a clause for people.
    case malformedTarget(ThermostatID, reason: String)
    /// The target was deleted: back to the site's default.
    case targetDeleted(ThermostatID)
    /// Nothing of this model; to be logged, not acknowledged. An answer would create unmodelled reported data.
    case ignored(path: String, reason: String)

    /// The thermostat that is asked something; `nil` for what is ignored.
    package var thermostat: ThermostatID? {
        switch self {
        case .target(let id, _), .malformedTarget(let id, _), .targetDeleted(let id): id
        case .ignored: nil
        }
    }

    /// Reads a desired section or a change of it, in the order of names.
    ///
    /// Every component and property is looked at; `$…` and `__t` are never properties.
    package static func all(in section: [String: JSONValue]) -> [DesiredChange] {
        section.sorted { $0.key < $1.key }.flatMap { name, value -> [DesiredChange] in
            if name.hasPrefix("$") || name == "__t" { return [] }
            if let thermostat = ThermostatID(rawValue: name) { return changes(of: thermostat, in: value) }
            if name == TemperatureController.deviceInformation
                || name == TemperatureController.Name.serialNumber
            {
                return [.ignored(path: name, reason: "it is read-only in the model")]
            }
            return [.ignored(path: name, reason: "the model has no such property or component")]
        }
    }

    private static func changes(of thermostat: ThermostatID, in value: JSONValue) -> [DesiredChange] {
        if value == .null { return [.targetDeleted(thermostat)] }
        guard let properties = value.objectValue else {
            let reason = "a component must be an object, not \(value.kindName)"
            return [.ignored(path: thermostat.rawValue, reason: reason)]
        }
        return properties.sorted { $0.key < $1.key }.compactMap { name, value in
            if name.hasPrefix("$") || name == "__t" { return nil }
            if name == TemperatureController.Name.targetTemperature { return target(thermostat, value) }
            let isReadOnly = name == TemperatureController.Name.maxTempSinceLastReboot
            let reason = isReadOnly ? "it is read-only in the model" : "the model has no such property"
            return .ignored(path: "\(thermostat).\(name)", reason: reason)
        }
    }

    private static func target(_ thermostat: ThermostatID, _ value: JSONValue) -> DesiredChange {
        if value == .null { return .targetDeleted(thermostat) }
        // IoT Central's older form wraps the value in an object.
        let bare = value["value"] ?? value
        if bare == .null { return .targetDeleted(thermostat) }
        guard let celsius = bare.doubleValue else {
            return .malformedTarget(thermostat, reason: "the target must be a number, not \(bare.kindName)")
        }
        return .target(thermostat, celsius: celsius)
    }
}
