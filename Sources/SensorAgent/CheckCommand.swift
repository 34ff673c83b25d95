// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ArgumentParser
import ConfigurationFiles
import IoTHub
import LinuxHost
import Quantities

/// `sensor-agent check`.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say what is wrong with agent.toml and the board, and what was understood.",
        discussion: """
            Reads agent.toml, the environment, the flags, the board file and the files that they name, and nothing \
            else: no device, no bus and no connection is opened, so an agent that runs is not disturbed.

            All mistakes are shown at once, each with its file and line, its key and what to do; then the exit code \
            is 78. Without mistakes it is 0.
            """)

    @OptionGroup var options: ConfigurationOptions

    func run() {
        let examination = AgentConfiguration.examine(options.sources(), files: DiskFileReader())
        var errors = examination.errors
        var board: BoardDescription?
        if examination.isComplete {
            do throws(ConfigurationErrors) {
                let chosen = try Boards(programPath: Environment.programPath).choose(
                    examination.configuration)
                errors += examination.busErrors(on: chosen) + examination.lineErrors(on: chosen)
                board = chosen
            } catch {
                errors += error.errors
            }
            errors += HubCheck(configuration: examination.configuration).errors
            let certificate = CertificateCheck(configuration: examination.configuration)
            errors += [certificate.validityError(at: LinuxClock().now())].compactMap(\.self)
            errors += stateErrors(examination.configuration)
        }
        guard errors.isEmpty, let board else {
            StandardOutput.writeErrors("\(ConfigurationErrors(errors))")
            ExitStatus.configuration.end()
        }
        let summary = CheckSummary(
            configuration: examination.configuration, board: board,
            stateDirectory: stateDirectory(examination.configuration))
        StandardOutput.write(summary.text)
    }

    private func stateErrors(_ configuration: AgentConfiguration) -> [ConfigurationError] {
        let directory = stateDirectory(configuration)
        guard !directory.hasPrefix("/") else { return [] }
        return [
            ConfigurationError(
                .outOfRange, at: configuration.origin(of: "store.directory"), path: "store.directory",
                problem: "The state directory \(directory) is relative.",
                advice: "Give it, or STATE_DIRECTORY, an absolute path.")
        ]
    }

    private func stateDirectory(_ configuration: AgentConfiguration) -> String {
        configuration.store.directory ?? StandardDirectories.state(environment: Environment.all)
    }
}
