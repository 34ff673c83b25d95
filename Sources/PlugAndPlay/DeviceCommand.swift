// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import IoTHub
package import Quantities
package import StrictJSON

/// A command of the model with its argument checked.
package enum DeviceCommand: Sendable, Hashable {
    /// `getMaxMinReport` of a thermostat: extremes and mean since then.
    case maxMinReport(ThermostatID, since: WallTime)
    /// `reboot` after a delay of 0…3600 s.
    case reboot(delay: Duration)

    /// The delay of a `reboot` that names none.
    package static let defaultRebootDelay = Duration.seconds(5)
    /// The longest delay of a `reboot`.
    package static let longestRebootDelay = Duration.seconds(3_600)

    /// Reads a request; throws the answer for one that names no command of the model or has a wrong argument.
    package init(_ request: CommandRequest) throws(CommandRefusal) {
        switch (request.component, request.name) {
        case (nil, TemperatureController.Name.reboot):
            self = .reboot(delay: try Self.delay(Self.argument(of: request)))
        case (let component?, TemperatureController.Name.getMaxMinReport):
            guard let thermostat = ThermostatID(rawValue: component) else {
                throw CommandRefusal(404, "There is no component with the command \"\(request.shownName)\".")
            }
            self = .maxMinReport(thermostat, since: try Self.since(Self.argument(of: request)))
        default:
            throw CommandRefusal(
                404,
                "There is no command \"\(request.shownName)\". Known: reboot, thermostat1*getMaxMinReport, "
                    + "thermostat2*getMaxMinReport.")
        }
    }

    private static func argument(of request: CommandRequest) throws(CommandRefusal) -> JSONValue? {
        do {
            return try request.argument()
        } catch {
            throw CommandRefusal(400, "The payload is \(error).")
        }
    }

    private static func delay(_ argument: JSONValue?) throws(CommandRefusal) -> Duration {
        guard let argument else { return defaultRebootDelay }
        let range = 0...longestRebootDelay.components.seconds
        guard let seconds = argument.intValue, range.contains(seconds) else {
            throw CommandRefusal(
                400,
                "The delay must be a whole number of seconds, 0 to 3600, for example 5; it is \(argument.brief)."
            )
        }
        return .seconds(seconds)
    }

    private static func since(_ argument: JSONValue?) throws(CommandRefusal) -> WallTime {
        let form = "a time in ISO 8601 with an offset, for example \"2024-05-06T07:08:09Z\""
        guard let argument else {
            throw CommandRefusal(400, "The argument \"since\" is missing; give \(form).")
        }
        guard let text = argument.stringValue else {
            throw CommandRefusal(400, "The argument \"since\" must be \(form), not \(argument.kindName).")
        }
        guard let time = WallTime(rfc3339: text) else {
            throw CommandRefusal(400, "The argument \"since\" must be \(form); it is \(argument.brief).")
        }
        return time
    }
}

/// The answer to a command that was not carried out.
package struct CommandRefusal: Error, Sendable, Hashable {
    /// HTTP-like status.
    package var status: Int
    /// Why, a sentence for people.
    package var reason: String
    /// When it may be tried again, s; `nil` where that is not known or would not help.
    package var retryAfter: Int64?

    /// Makes an answer.
    package init(_ status: Int, _ reason: String, retryAfter: Int64? = nil) {
        self.status = status
        self.reason = reason
        self.retryAfter = retryAfter
    }

    /// The answer's body.
    package var body: JSONValue {
        var body: JSONValue = ["error": .string(reason)]
        body["retryAfter"] = retryAfter.map(JSONValue.int)
        return body
    }
}

extension JSONValue {
    /// The value as text for an error message, cut where it is long.
    fileprivate var brief: String {
        let text = self.text
        return text.utf8.count <= 64 ? text : String(text.prefix(60)) + "…"
    }
}
