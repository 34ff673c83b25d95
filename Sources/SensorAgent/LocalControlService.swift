// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles
import LinuxHost
import Logging

/// Answers other programs on this machine over the local socket while the agent runs.
struct LocalControlService: Service {
    private let server: LocalSocketServer
    private let log: Logger

    /// Makes the socket in the runtime directory, its requests answered on `executor`; `nil`, after saying why, where it cannot be had.
    ///
    /// Measuring and the hub do not depend on it, so its lack is no reason to end.
    static func make(
        _ commands: LocalCommands, on executor: any TaskExecutor, log: Logger
    ) -> LocalControlService? {
        do throws(LocalSocketFailure) {
            let server = try LocalSocketServer(
                directory: StandardDirectories.runtime(environment: Environment.all),
                refusals: LocalSocketServer.Refusals(
                    busy: LocalCommands.busy, tooLong: LocalCommands.tooLong),
                executor: executor
            ) { request, send in
                await commands.answer(request, send: send)
            }
            log.debug("Other programs are answered at \(server.path).")
            return LocalControlService(server: server, log: log)
        } catch {
            log.warning(
                "Other programs, such as `sensor-agent read`, get no answer from this agent: \(error)")
            return nil
        }
    }

    func run(until end: Ending) async {
        let serving = Task {
            do throws(HostError) {
                try await server.run()
            } catch {
                log.warning("Other programs get no answer from this agent: \(error)")
            }
        }
        await end.wait()
        server.stop()
        await serving.value
    }
}
