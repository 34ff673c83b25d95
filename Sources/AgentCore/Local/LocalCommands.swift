// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import StrictJSON

/// What the running agent does for clients of its local socket, by name.
package struct LocalCommands: Sendable {
    /// Tells the client how far the work is.
    package typealias Progress = @Sendable (JSONValue) -> Void

    /// Carries out a command: gets the arguments, which are an object, and returns the result.
    ///
    /// The task is cancelled when the client goes.
    package typealias Handler =
        @Sendable (_ arguments: JSONValue, _ progress: @escaping Progress) async throws(LocalError) ->
        JSONValue

    /// The line for a client that comes while too many others are there.
    package static let busy = LocalReply.error(
        LocalError(.busy, "The agent answers as many others as it can. Try again in a moment.")
    ).line
    /// The line for a request that has no end.
    package static let tooLong = LocalReply.error(
        LocalError(.tooLong, "The request is too long. Send one JSON object a line.")
    ).line

    private var handlers: [String: Handler] = [:]

    /// Knows no command yet.
    package init() {}

    /// Adds a command; a later one takes the place of an earlier one of the same name.
    package mutating func register(_ command: String, _ handler: @escaping Handler) {
        handlers[command] = handler
    }

    /// Answers the line of a request, whatever is in it: any number of lines of progress, then one result or error.
    package func answer(_ line: [UInt8], send: @escaping @Sendable ([UInt8]) -> Void) async {
        do throws(LocalError) {
            let request = try LocalRequest(line: line)
            let handler = try handler(of: request)
            let result = try await handler(request.arguments) { send(LocalReply.progress($0).line) }
            send(LocalReply.result(result).line)
        } catch {
            send(LocalReply.error(error).line)
        }
    }

    private func handler(of request: LocalRequest) throws(LocalError) -> Handler {
        guard let handler = handlers[request.command] else {
            let known = handlers.keys.sorted().joined(separator: ", ")
            throw LocalError(
                .unknownCommand,
                """
                The agent has no command \"\(request.command)\"; it knows \(known). Restart the agent if the program \
                was updated meanwhile.
                """)
        }
        return handler
    }
}
