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
            says nothing for 2 s, or it does not have a configured line or one that a killed agent has noted, that line is \
            requested here, driven off, read back and let go.

            Exit codes: 0 every relay is confirmed off or there is none, 1 some relay is not, 64 wrong arguments, 69 an \
            agent gives no answer and no relay is configured here, 77 the same for one that does not answer this user, \
            78 wrong configuration.
            """)

    /// How long the agent may say nothing.
    private static let patience = Duration.seconds(2)

    @OptionGroup var options: ConfigurationOptions

    func run() async {
        ProcessSetup.prepare()
        let agent = await latched()
        let configured: RelayLines
        do throws(ConfigurationErrors) {
            configured = try RelayLines.configured(options)
        } catch {
            StandardError.write("\(error)")
            // A mistake in the file must not leave a relay on that a killed agent has left on; a running one knows its
            // relays, whatever has become of the file since it started.
            let understood = agent.isHeard ? nil : RelayLines.understood(options)
            let sheet = switchOff(
                understood ?? RelayLines(), agent, none: "The running agent has no relay: nothing to do.")
            if agent.isHeard { end(sheet) }
            if !sheet.isEmpty { StandardOutput.write(sheet.text) }
            ExitStatus.configuration.end(
                """
                Whether these are all relays is not known: cut the power of the loads where that is urgent.
                """)
        }
        let sheet = switchOff(
            configured, agent, none: RelayOffSheet.none(in: configured.file, hasAgent: agent.hasAnswer))
        if let failure = agent.failure, sheet.isEmpty {
            failure.exitStatus.end(
                "No real relay is configured here, and what the agent holds is not known. \(RelayOffSheet.advice)"
            )
        }
        end(sheet)
    }

    /// Switches off what is configured, and what ended agents held, as far as no running agent has it.
    private func switchOff(_ configured: RelayLines, _ agent: Latched, none: String) -> RelayOffSheet {
        let notes = HeldLineNotes(environment: Environment.all)
        var (held, doubts) = notes.read()
        held.removeAll { held in agent.lines.contains { $0.isReal && $0.name == "\(held.line)" } }
        // Not every user may read the notes, and a running agent has told its lines.
        if agent.isHeard { doubts = [] }
        let contradicted = held.filter { $0.isContradicted(by: configured.relays) }
        doubts += contradicted.map(RelayOffSheet.doubt)
        let others = configured.with(held).others(than: agent.lines)
        let outcomes = RelayShutOff.run(others, on: configured.hardware) { relay in
            if !contradicted.contains(where: { $0.line == relay.line }) { notes.remove(relay.line) }
        }
        return RelayOffSheet(
            agent.lines, outcomes, simulated: others.filter { !$0.isReal }.map(\.line),
            isAgentSilent: agent.failure != nil, doubts: doubts, none: none)
    }

    /// What running agents have said.
    private struct Latched {
        /// The lines of every running agent after it has latched them.
        var lines: [RelayOffRequest.Line] = []
        /// Whether one has answered.
        var hasAnswer = false
        /// Why one has not.
        var failure: RunningAgent.Failure?

        /// Whether every agent that runs has answered, and one does.
        var isHeard: Bool { hasAnswer && failure == nil }
    }

    private func latched() async -> Latched {
        let agent = RunningAgent(environment: Environment.all)
        let arguments = RelayOffRequest.arguments(reason: "asked for by `sensor-agent relay off`")
        let request = LocalRequest(RelayOffRequest.command, arguments)
        var latched = Latched()
        for answer in await agent.askEach(request, limit: Self.patience) {
            do throws(RunningAgent.Failure) {
                guard let more = RelayOffRequest.lines(try answer.get()) else { throw .notUnderstood }
                latched.lines += more
                latched.hasAnswer = true
            } catch {
                latched.failure = error
                StandardError.write("\(error) Trying the lines themselves.")
            }
        }
        return latched
    }

    private func end(_ sheet: RelayOffSheet) -> Never {
        StandardOutput.write(sheet.text)
        // Not exit(): a thread stuck in the socket may still use what exit handlers would free.
        _exit(sheet.isConfirmed ? ExitStatus.success.rawValue : ExitStatus.noValue.rawValue)
    }
}
