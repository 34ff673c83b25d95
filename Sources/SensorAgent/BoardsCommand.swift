// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ArgumentParser
import ConfigurationFiles
import StrictJSON

/// `sensor-agent boards`.
struct BoardsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "boards",
        abstract: "List the known boards, or show one with its pins.",
        discussion: """
            Without a name: all boards, the one of this machine marked. With a name, or the path of a board file: its \
            connectors pin by pin, its buses and lines, which lines suit a relay, why others do not, and where each \
            fact comes from.

            The board of the machine is the one whose file names its device tree or product name.
            """)

    @Argument(help: ArgumentHelp("A board of the list, or the path of a board file.", valueName: "name"))
    var name: String?

    @Flag(help: "Write JSON.")
    var json = false

    func run() {
        let boards = Boards(programPath: Environment.programPath)
        let root = Environment.all["SENSOR_AGENT_HOST_SYSFS_ROOT"] ?? ""
        let machine = MachineIdentity.ofThisMachine(sysfsRoot: root.isEmpty ? "/sys" : root)
        do throws(ConfigurationErrors) {
            guard let name else {
                guard !boards.names.isEmpty else {
                    ExitStatus.configuration.end(UnknownBoard.noFiles(boards.folders))
                }
                let list = BoardList(
                    boards: try boards.all(), machine: machine, detected: boards.detected(machine)?.name)
                StandardOutput.write(json ? list.json.text : list.text)
                return
            }
            let board = try find(name, in: boards)
            let sheet = BoardSheet(
                board: board, machine: machine, isDetected: boards.detected(machine)?.name == board.name)
            StandardOutput.write(json ? sheet.json.text : sheet.text)
        } catch {
            StandardOutput.writeErrors("\(error)")
            ExitStatus.configuration.end()
        }
    }

    private func find(_ name: String, in boards: Boards) throws(ConfigurationErrors) -> KnownBoard {
        guard name.contains("/") || name.hasSuffix(".toml") else {
            return try boards.named(name, at: .flag("sensor-agent boards"), path: "")
        }
        return KnownBoard(name: name, file: name, description: try boards.load(name))
    }
}
