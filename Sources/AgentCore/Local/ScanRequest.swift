// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import StrictJSON
import Synchronization

/// The command `scan`: what is connected, found by the agent, which leaves the chips that it reads alone.
///
/// It takes no arguments. Each step is `{"device":"/dev/i2c-1","done":5,"total":112}`; the result is that of
/// ``ScanReport/json``.
package enum ScanRequest {
    /// The command's name.
    package static let command = "scan"

    /// The handler for ``LocalCommands``.
    ///
    /// One scan at a time: of two, each could take for a multiplexer's own channels what the other has just written.
    package static func handler(_ scanner: Scanner) -> LocalCommands.Handler {
        let turn = Turn()
        return { arguments, progress throws(LocalError) in
            if let name = arguments.objectValue?.keys.min() {
                throw LocalError(.badArguments, "scan takes no arguments, so \"\(name)\" must go.")
            }
            guard turn.begin() else {
                throw LocalError(.busy, "Another scan is under way. Try again in a moment.")
            }
            let report = await scanner.scan { progress(json($0)) }
            turn.end()
            return report.json
        }
    }

    /// The step that a line of progress tells; `nil` where this program does not understand it.
    package static func progress(_ json: JSONValue) -> Scanner.Progress? {
        guard let device = json["device"]?.stringValue,
            let done = json["done"]?.intValue.flatMap({ Int(exactly: $0) }),
            let total = json["total"]?.intValue.flatMap({ Int(exactly: $0) })
        else { return nil }
        return Scanner.Progress(deviceFile: device, done: done, total: total)
    }

    private static func json(_ step: Scanner.Progress) -> JSONValue {
        [
            "device": .string(step.deviceFile), "done": .int(Int64(step.done)),
            "total": .int(Int64(step.total)),
        ]
    }

    /// Who scans.
    private final class Turn: Sendable {
        private let isTaken = Mutex(false)

        /// Takes the turn; false where somebody has it.
        func begin() -> Bool {
            isTaken.withLock { isTaken in
                defer { isTaken = true }
                return !isTaken
            }
        }

        func end() { isTaken.withLock { $0 = false } }
    }
}
