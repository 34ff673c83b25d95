// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import PlugAndPlay
import Quantities
import RebootGuard
package import StrictJSON

/// The command `reboot`: asks for a reboot of the machine, under the same guard as the hub's command.
///
/// Arguments: `delay` in whole seconds, and `force`, which overrides all but a running request. The result says what comes;
/// a refusal is the error `refused`.
package enum RebootLocalRequest {
    /// The command's name.
    package static let command = "reboot"

    /// What comes of a request that was not refused.
    package struct Outcome: Sendable, Hashable {
        /// The delay.
        package var seconds: Int64
        /// The request's name; `nil` for a dry run.
        package var id: String?
    }

    /// The arguments for a request; without `seconds` the hub's usual delay.
    package static func arguments(seconds: Int?, isForced: Bool) -> JSONValue {
        var arguments: JSONValue = ["force": .bool(isForced)]
        arguments["delay"] = seconds.map { .int(Int64($0)) }
        return arguments
    }

    /// The handler for ``LocalCommands``.
    package static func handler(_ reboots: RebootService) -> LocalCommands.Handler {
        { arguments, _ throws(LocalError) in
            let given = try LocalArguments(arguments, of: command, known: ["delay", "force"])
            let isForced = try given.flag("force")
            let seconds = try given.number("delay") ?? DeviceCommand.defaultRebootDelay.seconds
            guard let whole = Int64(exactly: seconds), (0...3_600).contains(whole) else {
                throw LocalError(
                    .badArguments, "\"delay\" of reboot must be a whole number of seconds, 0 to 3600.")
            }
            switch await reboots.request(from: .local, after: .seconds(whole), isForced: isForced) {
            case .accepted(let id): return ["delay": .int(whole), "id": .string(id)]
            case .dryRun: return ["delay": .int(whole)]
            case .refused(let refusal): throw LocalError(.refused, refusal.reason)
            }
        }
    }

    /// Reads a result; `nil` where this program does not understand it.
    package static func outcome(_ result: JSONValue) -> Outcome? {
        result["delay"]?.intValue.map { Outcome(seconds: $0, id: result["id"]?.stringValue) }
    }
}
