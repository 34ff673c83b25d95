// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ArgumentParser
import ConfigurationFiles
import Glibc
import StrictJSON

/// `sensor-agent scan`.
struct ScanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan",
        abstract: "Show what is connected, and what to write into agent.toml for it.",
        discussion: """
            Asks every address of every I2C adapter whether a chip is there, the way i2cdetect does, and asks the chips \
            that answer what they are; lists the thermometers on 1-Wire buses and what the kernel measures by itself. \
            Nothing is configured and no output is switched. What a kernel driver holds is named and left alone.

            Where an agent runs on this machine, it scans and leaves the chips that it reads alone.

            Exit codes: 0 scanned, also where nothing was found; 1 an adapter could not be scanned to its end; \
            64 wrong arguments; 69 the running agent gives no answer; 77 it does not answer this user; 78 wrong \
            configuration or unknown board.
            """)

    /// The end of a scan that is not complete.
    static let incomplete: Int32 = 1

    @Flag(help: "Write the report as one line of JSON.")
    var json = false

    @OptionGroup var board: BoardOption

    func run() async {
        ProcessSetup.prepare()
        let surroundings = ScanSurroundings.find(board)
        let report = await ScanSource(host: surroundings.host).report()
        if json {
            StandardOutput.write(report.json.text)
        } else {
            let text = ScanText(report, board: surroundings.board)
            let toml = ScanTOML(report, board: surroundings.board, choice: boardChoice)
            StandardOutput.write([text.text, toml.text].filter { !$0.isEmpty }.joined(separator: "\n\n"))
        }
        // Not exit(): a thread that is stuck on a bus may still use what exit handlers would free.
        _exit(report.hasProblems ? Self.incomplete : ExitStatus.success.rawValue)
    }

    /// The board as agent.toml has to name it, where the command line does.
    private var boardChoice: BoardConfiguration {
        // The configuration takes relative paths from its own folder, not from the working directory.
        let file = board.file.flatMap { realpath($0, nil) }
        defer { free(file) }
        return BoardConfiguration(file: file.map { String(cString: $0) }, name: board.name)
    }
}
