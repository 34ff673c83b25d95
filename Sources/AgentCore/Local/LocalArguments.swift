// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import PlugAndPlay
package import StrictJSON

/// The arguments of a request to the running agent, checked as strictly as a configuration.
package struct LocalArguments: Sendable {
    private let command: String
    private let members: [String: JSONValue]

    /// Takes the arguments of `command`, which knows the names `known` and no others.
    package init(_ arguments: JSONValue, of command: String, known: [String] = []) throws(LocalError) {
        self.command = command
        members = arguments.objectValue ?? [:]
        guard let other = members.keys.filter({ !known.contains($0) }).min() else { return }
        let names = known.isEmpty ? "no arguments" : "only \(known.joined(separator: ", "))"
        throw LocalError(.badArguments, "\(command) takes \(names), so \"\(other)\" must go.")
    }

    /// The thermostat that is named; `nil` where none is.
    package func thermostat() throws(LocalError) -> ThermostatID? {
        guard let value = members["thermostat"] else { return nil }
        if let id = value.stringValue.flatMap(ThermostatID.init(rawValue:)) { return id }
        let names = ThermostatID.allCases.map(\.rawValue).joined(separator: " or ")
        throw LocalError(.badArguments, "\"thermostat\" of \(command) must be \(names).")
    }

    /// A number; `nil` where there is none.
    package func number(_ name: String) throws(LocalError) -> Double? {
        guard let value = members[name] else { return nil }
        if let number = value.doubleValue { return number }
        throw LocalError(
            .badArguments, "\"\(name)\" of \(command) must be a number, not \(value.kindName).")
    }

    /// Whether a flag is set; not where it is missing.
    package func flag(_ name: String) throws(LocalError) -> Bool {
        guard let value = members[name] else { return false }
        if let flag = value.boolValue { return flag }
        throw LocalError(
            .badArguments, "\"\(name)\" of \(command) must be true or false, not \(value.kindName).")
    }

    /// A text; `nil` where there is none.
    package func text(_ name: String) throws(LocalError) -> String? {
        guard let value = members[name] else { return nil }
        if let text = value.stringValue { return text }
        throw LocalError(
            .badArguments, "\"\(name)\" of \(command) must be a string, not \(value.kindName).")
    }
}
