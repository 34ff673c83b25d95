// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ArgumentParser
import ConfigurationFiles

/// `--config`, `--set` and the board's flags, for every command that reads `agent.toml`.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Configuration file.",
            discussion:
                "Without it: $CONFIGURATION_DIRECTORY, then $XDG_CONFIG_HOME/sensor-agent, then /etc/sensor-agent, each with agent.toml.",
            valueName: "agent.toml"))
    var config: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Override one setting of agent.toml, for example telemetry.interval=2s. Can be repeated.",
            valueName: "key=value"))
    var settings: [String] = []

    @OptionGroup var board: BoardOption

    func validate() throws {
        for setting in settings where !setting.dropFirst().contains("=") {
            throw ValidationError(
                "--set wants KEY=VALUE, for example --set telemetry.interval=2s; it is \"\(setting)\".")
        }
    }

    /// Whether anything was given.
    var isGiven: Bool { config != nil || !overrides.isEmpty }

    /// What the flags set, those of ``board`` included.
    var overrides: [ConfigurationSources.Override] {
        settings.map { setting in
            let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return ConfigurationSources.Override(
                path: String(parts[0]), value: String(parts.last ?? ""), flag: "--set")
        } + board.overrides
    }

    /// All that the configuration is made of, with `more` flags of the command itself.
    func sources(_ more: [ConfigurationSources.Override] = []) -> ConfigurationSources {
        ConfigurationSources(
            configFile: config, overrides: overrides + more, environment: Environment.all,
            drivers: KnownDriver.all)
    }
}
