// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import StrictJSON

/// The language of the local socket: one JSON text a line.
///
/// A request is `{"version":1,"command":"read","arguments":{…}}`; `arguments` may be left out. Any number of
/// `{"version":1,"progress":…}` follow, then one `{"version":1,"result":…}` or
/// `{"version":1,"error":{"code":"…","message":"…"}}`.
package enum LocalProtocol {
    /// The version of this program; to be raised when an older program would misread a line.
    package static let version: Int64 = 1
}

/// What a client wants of the running agent.
package struct LocalRequest: Sendable, Hashable {
    /// The command's name.
    package var command: String
    /// An object; empty where the command takes nothing.
    package var arguments: JSONValue

    /// Makes a request.
    package init(_ command: String, _ arguments: JSONValue = .object([:])) {
        self.command = command
        self.arguments = arguments
    }

    /// The line of the request.
    package var line: [UInt8] {
        let text: JSONValue = [
            "version": .int(LocalProtocol.version), "command": .string(command), "arguments": arguments,
        ]
        return text.encoded()
    }

    /// Reads a request's line.
    package init(line: [UInt8]) throws(LocalError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: line)
        } catch {
            throw LocalError(.badJSON, "The request is \(error). Send one JSON object a line.")
        }
        guard let members = value.objectValue else {
            throw LocalError(.badRequest, "The request must be an object, not \(value.kindName).")
        }
        try Self.checkVersion(members["version"])
        guard let command = members["command"]?.stringValue else {
            let found = members["command"].map { "is \($0.kindName)" } ?? "is missing"
            throw LocalError(.badRequest, "\"command\" \(found); it must be a string, for example \"read\".")
        }
        let arguments = members["arguments"] ?? .object([:])
        guard arguments.objectValue != nil else {
            throw LocalError(.badRequest, "\"arguments\" must be an object, not \(arguments.kindName).")
        }
        if let other = members.keys.filter({ !["version", "command", "arguments"].contains($0) }).min() {
            throw LocalError(
                .badRequest, "\"\(other)\" is unknown; a request has version, command and arguments.")
        }
        self.init(command, arguments)
    }

    private static func checkVersion(_ version: JSONValue?) throws(LocalError) {
        guard version?.intValue == LocalProtocol.version else {
            let found = version?.text ?? "none"
            throw LocalError(
                .badVersion,
                """
                The agent speaks version \(LocalProtocol.version), the request has \(found). Restart the agent if \
                the program was updated meanwhile.
                """)
        }
    }
}

/// One line of an answer.
package enum LocalReply: Sendable, Hashable {
    /// How far the work is; more lines follow.
    case progress(JSONValue)
    /// What came of it; the last line.
    case result(JSONValue)
    /// Why nothing came of it; the last line.
    case error(LocalError)

    /// The line of the reply.
    package var line: [UInt8] {
        var text: JSONValue = ["version": .int(LocalProtocol.version)]
        switch self {
        case .progress(let value): text["progress"] = value
        case .result(let value): text["result"] = value
        case .error(let error): text["error"] = error.json
        }
        return text.encoded()
    }

    /// Reads a reply's line; `nil` for what this program does not understand.
    package init?(line: [UInt8]) {
        guard let value = try? JSONValue(parsing: line) else { return nil }
        // An error is understood whatever the version: it may be about the version.
        if let error = value["error"].flatMap(LocalError.init(json:)) {
            self = .error(error)
            return
        }
        guard value["version"]?.intValue == LocalProtocol.version else { return nil }
        if let progress = value["progress"] {
            self = .progress(progress)
        } else if let result = value["result"] {
            self = .result(result)
        } else {
            return nil
        }
    }
}
