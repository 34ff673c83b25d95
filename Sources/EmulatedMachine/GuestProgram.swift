// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A program in the emulated machine.
package final class GuestProgram: Sendable {
    /// What was started, for error texts.
    package let command: String
    /// Its lines so far; wait on it for one that is to come.
    ///
    /// Ends with ``Exit`` when the program ended.
    package let output = Journal<GuestLine>()

    private let pid = Journal<Int>()
    private let control: GuestControl

    /// How a program ended: 128 + N for signal N.
    package struct Exit: Error {
        /// The exit status.
        package var status: Int
    }

    /// How a program ended, and all that it printed.
    package struct Result: Sendable {
        /// The exit status; 128 + N for signal N.
        package var status: Int
        /// The lines of its standard output.
        package var output: [String]
        /// The lines of its standard error.
        package var errors: [String]
    }

    init(_ command: String, in control: GuestControl) {
        self.command = command
        self.control = control
    }

    /// Waits for a line, also one already there, that `find` makes something of.
    ///
    /// Throws ``Exit`` when the program ends without such a line, `EmulatedMachineError` when the machine ends or
    /// `limit` has passed.
    package func firstLine<Found: Sendable>(
        from index: Int = 0, within limit: Duration = .seconds(150),
        _ find: @escaping @Sendable (GuestLine) -> Found?
    ) async throws -> (index: Int, found: Found) {
        let late = control.late("an expected line of \(command)", limit)
        return try await withLimit(limit, late: late) { [output] in
            try await output.first(from: index, find)
        }
    }

    /// Waits for the program's end.
    package func result(within limit: Duration = .seconds(150)) async throws -> Result {
        let end = try await withLimit(limit, late: control.late(command, limit)) { [output] in
            try await output.end()
        }
        guard let exit = end as? Exit else { throw end }
        let lines = output.entries
        return Result(
            status: exit.status, output: lines.filter { !$0.isError }.map(\.text),
            errors: lines.filter(\.isError).map(\.text))
    }

    /// Sends the program a signal.
    package func signal(_ signal: GuestSignal) async throws {
        let number = try await pid.first { $0 }.found
        try await control.tell("signal \(number) \(signal.rawValue)")
    }

    func hasStarted(as number: Int) {
        pid.append(number)
    }

    func finish(because error: any Error) {
        output.finish(throwing: error)
        pid.finish(throwing: error)
    }
}

/// The signals that tests send.
package enum GuestSignal: String, Sendable {
    case terminate = "TERM"
    case interrupt = "INT"
    case kill = "KILL"
    case stop = "STOP"
    case resume = "CONT"
}
