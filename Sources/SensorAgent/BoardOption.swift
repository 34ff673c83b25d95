// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ArgumentParser
import ConfigurationFiles

/// `--board` and `--board-file`, for every command that needs to know the board.
///
/// They are the keys `board.name` and `board.file`; put ``overrides`` into ``ConfigurationSources/overrides``.
struct BoardOption: ParsableArguments {
    @Option(
        name: .customLong("board"),
        help: ArgumentHelp(
            "Use this board instead of the one that the machine is; `sensor-agent boards` lists them.",
            valueName: "name"))
    var name: String?

    @Option(
        name: .customLong("board-file"),
        help: ArgumentHelp("Use this board file instead of a shipped one.", valueName: "file"))
    var file: String?

    /// What the flags set.
    var overrides: [ConfigurationSources.Override] {
        [("board.name", name, "--board"), ("board.file", file, "--board-file")].compactMap {
            path, value, flag in
            value.map { ConfigurationSources.Override(path: path, value: $0, flag: flag) }
        }
    }
}
