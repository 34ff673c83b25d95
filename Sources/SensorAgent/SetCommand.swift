// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ArgumentParser
import PlugAndPlay
import ThermostatControl

/// `sensor-agent set`.
struct SetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change a thermostat's target or mode.",
        discussion: """
            Asks the agent that runs on this machine. What is set here holds, over restarts too, until the hub asks for \
            something else; a target is reported to the hub. A target below zero comes after `--`: \
            `sensor-agent set thermostat1 -- -5`.

            Exit codes: 0 changed, 64 wrong arguments or refused, with the reason and what stays in force, 69 no agent \
            runs or it gives no answer, 77 it does not answer this user.
            """)

    @Argument(help: "The thermostat.")
    var thermostat: ThermostatID

    @Argument(help: "The target in °C, for example 21.5.")
    var target: Double?

    @Option(help: "What the relay does.")
    var mode: ThermostatMode?

    func validate() throws {
        guard target != nil || mode != nil else {
            throw ValidationError(
                """
                Give a target, a mode or both, for example: sensor-agent set thermostat1 21.5 --mode heat. A target below \
                zero comes after --, for example: sensor-agent set thermostat1 -- -5
                """)
        }
        guard target?.isFinite ?? true else {
            throw ValidationError("The target must be a number of °C, for example 21.5.")
        }
    }

    func run() async {
        ProcessSetup.prepare()
        let (_, reports) = await AgentQuestion.ask(
            SetRequest.command, SetRequest.arguments(thermostat, target: target, mode: mode),
            read: WhyRequest.reports)
        for report in reports {
            let mode = report.relay == nil ? "" : ", mode \(report.mode.rawValue)"
            StandardOutput.write(
                "\(report.id): target \(decimal(report.target, places: 1)) °C\(mode). \(report.sentence)")
        }
    }
}
