// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities
package import StrictJSON

/// The command `read`: the last result of every sensor, as the agent knows it; no bus is used.
///
/// It takes no arguments. The result is `{"sensors":[…]}` with one ``SensorReport`` each, ordered as configured.
package enum ReadRequest {
    /// The command's name.
    package static let command = "read"

    /// The handler for ``LocalCommands``.
    package static func handler(
        setups: [SensorSetup], results: LatestResults, time: any TimeSource
    ) -> LocalCommands.Handler {
        { arguments, _ throws(LocalError) in
            if let name = arguments.objectValue?.keys.min() {
                throw LocalError(.badArguments, "read takes no arguments, so \"\(name)\" must go.")
            }
            return json(results.reports(setups, at: time.now()))
        }
    }

    /// The result with these reports.
    package static func json(_ reports: [SensorReport]) -> JSONValue {
        ["sensors": .array(reports.map(\.json))]
    }

    /// The reports of a result; `nil` where this program does not understand them.
    package static func reports(_ result: JSONValue) -> [SensorReport]? {
        guard let sensors = result["sensors"]?.arrayValue else { return nil }
        let reports = sensors.compactMap(SensorReport.init(json:))
        return reports.count == sensors.count ? reports : nil
    }
}
