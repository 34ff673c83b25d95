// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import StrictJSON

/// Why the running agent did not do what a client wants.
package struct LocalError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A word for programs; a command may have more of its own.
    package struct Code: RawRepresentable, Sendable, Hashable {
        /// The word on the wire.
        package var rawValue: String

        /// Takes a word.
        package init(rawValue: String) { self.rawValue = rawValue }

        /// The line is not JSON.
        package static let badJSON = Code(rawValue: "bad-json")
        /// The line is JSON, but no request.
        package static let badRequest = Code(rawValue: "bad-request")
        /// The request is of another version of the protocol.
        package static let badVersion = Code(rawValue: "bad-version")
        /// The agent has no such command.
        package static let unknownCommand = Code(rawValue: "unknown-command")
        /// The command does not take these arguments.
        package static let badArguments = Code(rawValue: "bad-arguments")
        /// The line is longer than any request may be.
        package static let tooLong = Code(rawValue: "too-long")
        /// The agent answers others.
        package static let busy = Code(rawValue: "busy")
        /// The command could not be carried out.
        package static let failed = Code(rawValue: "failed")
    }

    /// A word for programs.
    package var code: Code
    /// What happened and what to do about it, for people.
    package var message: String

    /// Makes an error.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The text that people read.
    package var description: String { message }

    /// The error as it is sent.
    package var json: JSONValue { ["code": .string(code.rawValue), "message": .string(message)] }

    /// Reads what was sent.
    package init?(json: JSONValue) {
        guard let code = json["code"]?.stringValue, let message = json["message"]?.stringValue else {
            return nil
        }
        self.init(Code(rawValue: code), message)
    }
}
