// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ArgumentParser
import ConfigurationFiles
import Glibc

/// `sensor-agent relay off`.
struct RelayOffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "off",
        abstract: "Switch every relay off and check that it is off; for people and for ExecStopPost=.",
        discussion: """
            The agent that runs on this machine latches its relays off until `sensor-agent reset`. Where none runs, or it \
            says nothing for 2 s, or it does not have a configured line, that line is requested here, driven off, read back \
            and let go.

            Exit codes: 0 every relay is confirmed off or there is none, 1 some relay is not, 64 wrong arguments, 69 an \
            agent gives no answer and no relay is configured here, 77 the same for one that does not answer this user, \
            78 wrong configuration.
            """)

    /// How long the agent may say nothing.
    private static let patience = Duration.seconds(2)

    @OptionGroup var options: ConfigurationOptions

    func run() async {
        ProcessSetup.prepare()
        let (lines, hasAnswer, failure) = await latched()
        let configured: RelayLines
        do throws(ConfigurationErrors) {
            configured = try RelayLines.configured(options)
        } catch {
            StandardError.write("\(error)")
            guard hasAnswer, failure == nil else {
                // A mistake elsewhere in the file must not leave a relay on that a killed agent has left on.
                let understood = RelayLines.understood(options)
                let outcomes =
                    understood.map { RelayShutOff.run($0.others(than: lines), on: $0.hardware) } ?? []
                if !lines.isEmpty || !outcomes.isEmpty {
                    StandardOutput.write(RelayOffSheet(lines, outcomes, none: "").text)
                }
                ExitStatus.configuration.end(
                    """
                    Whether these are all relays is not known: cut the power of the loads where that is urgent.
                    """)
            }
            // The agent knows its relays, whatever has become of the file since it started.
            end(RelayOffSheet(lines, none: "The running agent has no relay: nothing to do."))
        }
        if let failure, lines.isEmpty, !configured.relays.contains(where: \.isReal) {
            failure.exitStatus.end(
                "No real relay is configured here, and what the agent holds is not known. \(RelayOffSheet.advice)"
            )
        }
        let others = configured.others(than: lines)
        let outcomes = RelayShutOff.run(others, on: configured.hardware)
        let sheet = RelayOffSheet(
            lines, outcomes, simulated: others.filter { !$0.isReal }.map(\.line),
            isAgentSilent: failure != nil,
            none: RelayOffSheet.none(in: configured.file, hasAgent: hasAnswer))
        end(sheet)
    }

    /// The lines of every running agent after it has latched them, whether one has answered, and why one has not.
    private func latched() async -> (
        lines: [RelayOffRequest.Line], hasAnswer: Bool, failure: RunningAgent.Failure?
    ) {
        let agent = RunningAgent(environment: Environment.all)
        let arguments = RelayOffRequest.arguments(reason: "asked for by `sensor-agent relay off`")
        let request = LocalRequest(RelayOffRequest.command, arguments)
        var lines: [RelayOffRequest.Line] = []
        var hasAnswer = false
        var failure: RunningAgent.Failure?
        for answer in await agent.askEach(request, limit: Self.patience) {
            do throws(RunningAgent.Failure) {
                guard let more = RelayOffRequest.lines(try answer.get()) else { throw .notUnderstood }
                lines += more
                hasAnswer = true
            } catch {
                failure = error
                StandardError.write("\(error) Trying the lines themselves.")
            }
        }
        return (lines, hasAnswer, failure)
    }

    private func end(_ sheet: RelayOffSheet) -> Never {
        StandardOutput.write(sheet.text)
        // Not exit(): a thread stuck in the socket may still use what exit handlers would free.
        _exit(sheet.isConfirmed ? ExitStatus.success.rawValue : ExitStatus.noValue.rawValue)
    }
}
