// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
import LinuxHost

/// Says on standard output what it gets, one line each, until a SIGINT comes; a line of input is said back.
///
/// With an argument, it takes the instance lock of that directory first, or says why not and exits 3.
@main enum LinuxHostFixture {
    static func main() async throws {
        try TerminationSignals.capture()
        guard CommandLine.arguments.count > 1 else { return try await listen() }
        do throws(InstanceLock.Failure) {
            let lock = try InstanceLock(directory: CommandLine.arguments[1])
            try? await listen()
            _ = consume lock
        } catch {
            say(error)
            exit(3)
        }
    }

    private static func listen() async throws {
        let signals = try TerminationSignals.stream()
        async let input: Void = echo()
        say("ready")
        for await signal in signals {
            say(signal.rawValue)
            if signal == .interrupt { exit(0) }
        }
        await input
    }

    private static func echo() async {
        for await line in StandardInput.lines() { say("line \(line)") }
        say("end of input")
    }

    /// One line at once: standard output to a pipe would be held back.
    private static func say(_ text: some CustomStringConvertible) {
        let line = "\(text)\n"
        _ = write(STDOUT_FILENO, line, line.utf8.count)
    }
}
