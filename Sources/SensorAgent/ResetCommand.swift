// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ArgumentParser
import PlugAndPlay

/// `sensor-agent reset`.
struct ResetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset",
        abstract: "End the latch and the faults of a thermostat that wait for a person.",
        discussion: """
            Asks the agent that runs on this machine. A fault whose cause is still there comes back by itself, and a relay \
            still waits for its minimum off time. Without a thermostat it ends safe mode too, in which the agent drives no relay \
            because the machine has started too often.

            Exit codes: 0 done, 64 wrong arguments, 69 no agent runs or it gives no answer, 77 it does not answer this \
            user.
            """)

    @Argument(help: "The thermostat; both without it.")
    var thermostat: ThermostatID?

    func run() async {
        ProcessSetup.prepare()
        let (_, reports) = await AgentQuestion.ask(
            ResetRequest.command, WhyRequest.arguments(thermostat), read: WhyRequest.reports)
        for report in reports { StandardOutput.write("\(report.id): \(report.sentence)") }
    }
}
