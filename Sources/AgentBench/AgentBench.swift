// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc

/// Measures parts of the agent that run inside one process, for `make bench`; each command prints lines of JSON.
@main
struct AgentBench {
    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        Task.detached {
            try? await Task.sleep(for: .seconds(600))
            end(Failure(message: "not done after ten minutes"))
        }
        do throws(Failure) {
            let arguments = Array(CommandLine.arguments.dropFirst())
            switch (arguments.first, arguments.count) {
            case ("delays", 2): try await RelayDelays.inProcess(directory: arguments[1])
            case ("hub-delays", 2): try await RelayDelays.throughHub(directory: arguments[1])
            default: throw Failure(message: usage)
            }
        } catch {
            end(error)
        }
        // Not exit(): threads of the installation may still run.
        _exit(0)
    }

    private static func end(_ failure: Failure) -> Never {
        write("agent-bench: \(failure.message)", to: STDERR_FILENO)
        _exit(1)
    }

    private static let usage = """
        give a command and its directories:
          delays STATE       from a sample, and from a desired property, to the relay's edge; no network
          hub-delays STATE   the same against the hub of IOTHUB_DEVICE_CONNECTION_STRING; prints every edge
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
