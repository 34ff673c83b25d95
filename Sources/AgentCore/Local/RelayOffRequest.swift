// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import PlugAndPlay
package import Quantities
package import StateStore
package import StrictJSON

/// The command `relay-off`: latches every relay off until a reset.
///
/// The argument `reason` is a clause for people. The result is `{"lines":[…]}` with one ``Line`` for each relay.
package enum RelayOffRequest {
    /// The command's name.
    package static let command = "relay-off"

    /// A relay's line after the command.
    package struct Line: Sendable, Hashable {
        /// The line, for people.
        package var name: String
        /// Whether it is one of the real world.
        package var isReal: Bool
        /// Whether it was read back as off.
        package var isConfirmedOff: Bool
        /// Whether a new start of the agent knows that it has to stay off.
        package var isStored: Bool

        /// Describes a line.
        package init(name: String, isReal: Bool, isConfirmedOff: Bool, isStored: Bool = true) {
            self.name = name
            self.isReal = isReal
            self.isConfirmedOff = isConfirmedOff
            self.isStored = isStored
        }
    }

    /// Where latches are stored before the answer says that they hold.
    package struct Storing: Sendable {
        /// How long a store may take; the client waits 2 s in all.
        private static let patience = Duration.milliseconds(1_000)

        private let time: any TimeSource
        private let executor: (any TaskExecutor)?
        private let store: @Sendable ([ThermostatID: ThermostatMemory]) async -> Bool

        /// `store` returns whether it has stored everything; it is called on `executor`.
        package init(
            time: any TimeSource, on executor: (any TaskExecutor)? = nil,
            _ store: @escaping @Sendable ([ThermostatID: ThermostatMemory]) async -> Bool
        ) {
            self.time = time
            self.executor = executor
            self.store = store
        }

        func isDone(_ memories: [ThermostatID: ThermostatMemory]) async -> Bool {
            let done = Ending()
            await limited(to: Self.patience, time, on: executor) {
                if await store(memories) { done.tell() }
            }
            return done.isTold
        }
    }

    /// The arguments with a reason.
    package static func arguments(reason: String) -> JSONValue { ["reason": .string(reason)] }

    /// The handler for ``LocalCommands``: first the relays go off, then that is stored, then it answers.
    package static func handler(control: ControlLoop, storing: Storing? = nil) -> LocalCommands.Handler {
        { arguments, _ throws(LocalError) in
            let given = try LocalArguments(arguments, of: command, known: ["reason"])
            let reason = try given.text("reason") ?? "asked for over the local socket"
            let unconfirmed = await control.latchOff(reason)
            let isStored = await storing?.isDone(await control.memories()) ?? true
            let relays = await control.snapshots().compactMap(\.relay)
            return json(
                relays.map { relay in
                    Line(
                        name: "\(relay.line)", isReal: relay.isReal,
                        isConfirmedOff: !unconfirmed.contains(relay.line), isStored: isStored)
                })
        }
    }

    /// The result with these lines.
    package static func json(_ lines: [Line]) -> JSONValue { ["lines": .array(lines.map(\.json))] }

    /// The lines of a result; `nil` where this program does not understand them.
    package static func lines(_ result: JSONValue) -> [Line]? {
        guard let list = result["lines"]?.arrayValue else { return nil }
        let lines = list.compactMap(Line.init(json:))
        return lines.count == list.count ? lines : nil
    }
}

extension RelayOffRequest.Line {
    /// The line as the local socket sees it.
    package var json: JSONValue {
        [
            "line": .string(name), "output": .string(isReal ? "real" : "simulated"),
            "confirmedOff": .bool(isConfirmedOff), "stored": .bool(isStored),
        ]
    }

    /// Reads what ``json`` wrote; `nil` for anything else.
    package init?(json: JSONValue) {
        guard let name = json["line"]?.stringValue, let output = json["output"]?.stringValue,
            ["real", "simulated"].contains(output), let isOff = json["confirmedOff"]?.boolValue
        else { return nil }
        self.init(
            name: name, isReal: output == "real", isConfirmedOff: isOff,
            // An agent that says nothing of it is an older one.
            isStored: json["stored"]?.boolValue ?? true)
    }
}
