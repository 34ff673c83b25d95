// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ArgumentParser

/// `sensor-agent reboot`.
struct RebootCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reboot",
        abstract: "Reboot the machine as the hub's command does: relays off first, and counted.",
        discussion: """
            Asks the agent that runs on this machine, under the rules of [reboot] in its agent.toml. With --force, the \
            uptime, the limits, inhibitors and thermostats do not refuse it; systemd-logind still may. A reboot that is \
            switched off or under way already stays refused.

            Exit codes: 0 it comes, 64 wrong arguments or refused, with the reason, 69 no agent runs or it gives no answer, \
            77 it does not answer this user.
            """)

    @Option(help: "Seconds to wait, 0 to 3600; 5 without it.")
    var delay: Int?

    @Flag(help: "Override what usually refuses it.")
    var force = false

    func validate() throws {
        guard delay.map({ (0...3_600).contains($0) }) ?? true else {
            throw ValidationError("The delay must be 0 to 3600 s, for example --delay 5.")
        }
    }

    func run() async {
        ProcessSetup.prepare()
        let (_, outcome) = await AgentQuestion.ask(
            RebootLocalRequest.command, RebootLocalRequest.arguments(seconds: delay, isForced: force),
            read: RebootLocalRequest.outcome)
        guard let id = outcome.id else {
            StandardOutput.write(
                "Dry run: the machine would reboot in \(outcome.seconds) s. Nothing is done.")
            return
        }
        StandardOutput.write("The machine reboots in \(outcome.seconds) s (request \(id)).")
    }
}
