// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
import ThreadExecutor

/// Measures parts of the agent that run inside one process, for `make bench`; each command prints lines of JSON.
@main
struct AgentBench {
    static func main() async {
        SharedThread.takeOver()
        signal(SIGPIPE, SIG_IGN)
        Task {
            try? await SharedThread.sleep(until: .now + .seconds(900))
            end(Failure(message: "not done after fifteen minutes"))
        }
        // Not on the main actor, which would be a thread more.
        await Task.detached { await work() }.value
        // Not exit(): threads of the installation may still run.
        _exit(0)
    }

    private static func work() async {
        do throws(Failure) {
            let arguments = Array(CommandLine.arguments.dropFirst())
            guard (3...5).contains(arguments.count) else { throw Failure(message: usage) }
            try await run(
                arguments[0], state: arguments[1], young: arguments[2], Array(arguments.dropFirst(3)))
        } catch {
            end(error)
        }
    }

    private static func run(
        _ command: String, state: String, young: String, _ rest: [String]
    ) async throws(Failure) {
        switch (command, rest.first, rest.last.flatMap { Int($0) }) {
        case ("delays", nil, nil): try await RelayDelays.inProcess(state: state, young: young)
        case ("hub-delays", nil, nil): try await RelayDelays.throughHub(state: state, young: young)
        case ("telemetry", _?, let count?):
            try await DurableTelemetry.run(state: state, young: young, count: count)
        case ("wear", "online", let hours?):
            try await Wear.run(state: state, young: young, isOnline: true, hours: hours)
        case ("wear", "offline", let hours?):
            try await Wear.run(state: state, young: young, isOnline: false, hours: hours)
        case ("report", _?, let days?): try await HistoryReport.run(state: state, young: young, days: days)
        default: throw Failure(message: usage)
        }
    }

    private static func end(_ failure: Failure) -> Never {
        write("agent-bench: \(failure.message)", to: STDERR_FILENO)
        _exit(1)
    }

    private static let usage = """
        give a command, the directory for the state, the directory for the young tier, and what the command wants:
          delays                        from a sample, and from a desired property, to the relay's edge; no network
          hub-delays                    the same with the hub of IOTHUB_DEVICE_CONNECTION_STRING; prints every edge
          telemetry COUNT               samples through the store to that hub and back
          wear online|offline HOURS     bytes that the agent writes to disk at its defaults
          report DAYS                   getMaxMinReport over a long time
        """
}

/// Writes a line at once, since somebody may wait for it.
func write(_ line: String, to descriptor: CInt = STDOUT_FILENO) {
    let bytes = Array((line + "\n").utf8)
    _ = Glibc.write(descriptor, bytes, bytes.count)
}

/// Why the program could not do its work.
struct Failure: Error {
    let message: String
}
