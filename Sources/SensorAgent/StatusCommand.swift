// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ArgumentParser
import StrictJSON

/// `sensor-agent status`.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show sensors, thermostats, hub, outbox and uptime of the running agent.",
        discussion: """
            Exit codes: 0 answered, 64 wrong arguments, 69 no agent runs or it gives no answer, 77 it does not answer \
            this user.
            """)

    @Flag(help: "Print JSON: an object with version, uptime, source, hub, outbox, sensors and thermostats.")
    var json = false

    func run() async {
        ProcessSetup.prepare()
        let (result, status) = await AgentQuestion.ask(StatusRequest.command, read: AgentStatus.init(json:))
        StandardOutput.write(json ? result.text : StatusSheet(status).text)
    }
}
