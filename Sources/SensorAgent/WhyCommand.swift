// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ArgumentParser
import PlugAndPlay
import StrictJSON

/// `sensor-agent why`.
struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Say what each thermostat does, and why.",
        discussion: """
            Asks the agent that runs on this machine. For each thermostat: one sentence, then its reading, target, band, \
            state, reason, timers, relay as commanded and as read back, and the last change with its cause.

            Exit codes: 0 answered, 64 wrong arguments, 69 no agent runs or it gives no answer, 77 it does not answer \
            this user.
            """)

    @Argument(help: "The thermostat; both without it.")
    var thermostat: ThermostatID?

    @Flag(help: "Show past faults too, of the last 32.")
    var faults = false

    @Flag(help: "Print JSON: an object with the array \"thermostats\", past faults included.")
    var json = false

    func run() async {
        ProcessSetup.prepare()
        let (result, reports) = await AgentQuestion.ask(
            WhyRequest.command, WhyRequest.arguments(thermostat), read: WhyRequest.reports)
        guard !json else {
            StandardOutput.write(result.text)
            return
        }
        let texts = reports.map { ThermostatSheet($0, showsPastFaults: faults).text }
        StandardOutput.write(texts.joined(separator: "\n\n"))
    }
}
