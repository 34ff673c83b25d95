// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import PlugAndPlay
package import Quantities
package import StrictJSON
package import ThermostatControl

/// The command `set`: changes the target or the mode of a thermostat, both or nothing.
///
/// Arguments: `thermostat`, and `target` (°C), `mode` or both. The result is that of ``WhyRequest`` for this thermostat.
package enum SetRequest {
    /// The command's name.
    package static let command = "set"

    /// The arguments for a change.
    package static func arguments(
        _ thermostat: ThermostatID, target: Double?, mode: ThermostatMode?
    ) -> JSONValue {
        var arguments: JSONValue = ["thermostat": .string(thermostat.rawValue)]
        arguments["target"] = target.map(JSONValue.double)
        arguments["mode"] = mode.map { .string($0.rawValue) }
        return arguments
    }

    /// The handler for ``LocalCommands``; a refusal is the error `refused` with the reason and what stays in force.
    package static func handler(control: ControlLoop, time: any TimeSource) -> LocalCommands.Handler {
        { arguments, _ throws(LocalError) in
            let known = ["thermostat", "target", "mode"]
            let given = try LocalArguments(arguments, of: command, known: known)
            guard let id = try given.thermostat() else {
                throw LocalError(.badArguments, "set needs \"thermostat\".")
            }
            let (target, mode) = (try given.number("target"), try Self.mode(given))
            guard target != nil || mode != nil else {
                throw LocalError(.badArguments, "set needs \"target\", \"mode\" or both.")
            }
            let verdict = await control.set(target: target, mode: mode, of: id)
            let reports = await WhyRequest.reports(of: control, id, time)
            if case .rejected(let reason) = verdict {
                throw LocalError(.refused, refusal(reason, id, reports.first))
            }
            return WhyRequest.json(reports)
        }
    }

    private static func mode(_ given: LocalArguments) throws(LocalError) -> ThermostatMode? {
        guard let word = try given.text("mode") else { return nil }
        if let mode = ThermostatMode(rawValue: word) { return mode }
        let words = ThermostatMode.allCases.map(\.rawValue).joined(separator: ", ")
        throw LocalError(.badArguments, "\"mode\" of set must be one of \(words).")
    }

    private static func refusal(_ reason: String, _ id: ThermostatID, _ report: ThermostatReport?) -> String {
        guard let report else { return "\(id) was not changed: \(reason)." }
        return """
            \(id) was not changed: \(reason). The target stays \(report.target) °C, the mode \(report.mode.rawValue); \
            targets from \(report.limits.lowerBound) to \(report.limits.upperBound) °C are accepted.
            """
    }
}

extension LocalError.Code {
    /// The agent understood, and does not do it.
    package static let refused = LocalError.Code(rawValue: "refused")
}
