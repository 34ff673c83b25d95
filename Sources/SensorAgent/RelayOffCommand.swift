// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ArgumentParser
import ConfigurationFiles
import Glibc
import LinuxIO

/// `sensor-agent relay off`.
struct RelayOffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "off",
        abstract: "Switch every relay off and check that it is off; for people and for ExecStopPost=.",
        discussion: """
            The agent that runs on this machine latches its relays off until `sensor-agent reset`. Where none runs, or it \
            says nothing for 2 s, each configured line is requested here, driven off, read back and let go.

            Exit codes: 0 every relay is confirmed off or there is none, 1 some relay is not, 64 wrong arguments, 69 an \
            agent gives no answer and no relay is configured here, 77 the same for one that does not answer this user, \
            78 wrong configuration.
            """)

    /// How long the agent may say nothing.
    private static let patience = Duration.seconds(2)

    @OptionGroup var options: ConfigurationOptions

    func run() async {
        ProcessSetup.prepare()
        var failure: RunningAgent.Failure?
        do throws(RunningAgent.Failure) {
            if let lines = try await latched() { end(RelayOffSheet(lines)) }
        } catch {
            failure = error
            StandardError.write("\(error) Trying the lines themselves.")
        }
        let relays: [RelaySetup]
        do throws(ConfigurationErrors) {
            relays = try RelayLines.configured(options)
        } catch {
            ExitStatus.configuration.end(
                "\(error)\nWhich relays there are is not known: cut the power of their loads where that is urgent."
            )
        }
        if let failure, relays.isEmpty {
            failure.exitStatus.end(
                "No relay is configured here, and what the agent holds is not known. \(RelayOffSheet.advice)")
        }
        let isHolderAlive = failure != nil
        end(RelayOffSheet(RelayShutOff.run(relays, on: LinuxHardware()), isAgentSilent: isHolderAlive))
    }

    /// The lines of the running agent after it has latched them; `nil` where none runs.
    private func latched() async throws(RunningAgent.Failure) -> [RelayOffRequest.Line]? {
        let agent = RunningAgent(environment: Environment.all)
        let arguments = RelayOffRequest.arguments(reason: "asked for by `sensor-agent relay off`")
        let request = LocalRequest(RelayOffRequest.command, arguments)
        guard let result = try await agent.ask(request, limit: Self.patience) else { return nil }
        guard let lines = RelayOffRequest.lines(result) else { throw .notUnderstood }
        return lines
    }

    private func end(_ sheet: RelayOffSheet) -> Never {
        StandardOutput.write(sheet.text)
        // Not exit(): a thread stuck in the socket may still use what exit handlers would free.
        _exit(sheet.isConfirmed ? ExitStatus.success.rawValue : ExitStatus.noValue.rawValue)
    }
}
