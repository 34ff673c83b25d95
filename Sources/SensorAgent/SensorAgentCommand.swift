// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ArgumentParser
import ThreadExecutor

/// The command line: one subcommand per file.
@main
struct SensorAgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sensor-agent",
        abstract: "An Azure IoT Plug and Play device for boards with real sensors.",
        discussion: """
            Reads thermometers over I2C and 1-Wire and is the model "temperature controller with thermostats" \
            (\(Program.modelID)) to an IoT hub.

            Try it without hardware and without a cloud account: start `local-hub serve`, take over the lines that \
            it prints, and run `sensor-agent run --simulate`.

            Exit codes: 0 ended as asked, 1 a sensor gave no value, a scan is not complete or a relay is not confirmed off, \
            64 wrong arguments, 69 no agent runs or it gives no answer, 70 an error of the program itself, 73 state \
            directory unusable or in use, 74 the output cannot be written, 77 the running agent does not answer this user, \
            78 wrong or missing configuration.
            """,
        version: Program.version,
        subcommands: [
            RunCommand.self,
            ReadCommand.self,
            StatusCommand.self,
            WhyCommand.self,
            SetCommand.self,
            ResetCommand.self,
            RelayCommand.self,
            RebootCommand.self,
            CheckCommand.self,
            BoardsCommand.self,
            ScanCommand.self,
            DecodeCommand.self,
        ])

    static func main() async {
        // The only command that lives long and is not told by anybody to write where nobody reads.
        if CommandLine.arguments.dropFirst().first == RunCommand.configuration.commandName {
            SharedThread.takeOver()
        }
        await main(nil)
    }
}
