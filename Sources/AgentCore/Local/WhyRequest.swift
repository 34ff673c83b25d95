// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import PlugAndPlay
package import Quantities
package import StrictJSON

/// The command `why`: what every thermostat does, and why.
///
/// The argument `thermostat` asks for one of them. The result is `{"thermostats":[…]}` with one ``ThermostatReport`` each.
package enum WhyRequest {
    /// The command's name.
    package static let command = "why"

    /// The arguments that ask for one thermostat, or with `nil` for all.
    package static func arguments(_ thermostat: ThermostatID?) -> JSONValue {
        thermostat.map { ["thermostat": .string($0.rawValue)] } ?? .object([:])
    }

    /// The handler for ``LocalCommands``.
    package static func handler(control: ControlLoop, time: any TimeSource) -> LocalCommands.Handler {
        { arguments, _ throws(LocalError) in
            let id = try LocalArguments(arguments, of: command, known: ["thermostat"]).thermostat()
            return json(await reports(of: control, id, time))
        }
    }

    /// What the control loop says of one thermostat, or of all.
    static func reports(
        of control: ControlLoop, _ id: ThermostatID?, _ time: any TimeSource
    ) async -> [ThermostatReport] {
        let snapshots = await control.snapshots()
        let now = time.now()
        return snapshots.filter { id == nil || $0.id == id }.map { ThermostatReport($0, at: now) }
    }

    /// The result with these reports.
    package static func json(_ reports: [ThermostatReport]) -> JSONValue {
        ["thermostats": .array(reports.map(\.json))]
    }

    /// The reports of a result; `nil` where this program does not understand them.
    package static func reports(_ result: JSONValue) -> [ThermostatReport]? {
        guard let list = result["thermostats"]?.arrayValue else { return nil }
        let reports = list.compactMap(ThermostatReport.init(json:))
        return reports.count == list.count ? reports : nil
    }
}
