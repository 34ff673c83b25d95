// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ArgumentParser
import ConfigurationFiles

/// The options that say which configuration holds; the same for every subcommand that needs one.
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

    func validate() throws {
        for setting in settings where !setting.dropFirst().contains("=") {
            throw ValidationError(
                "--set wants KEY=VALUE, for example --set telemetry.interval=2s; it is \"\(setting)\".")
        }
    }

    /// Whether anything was given.
    var isGiven: Bool { config != nil || !settings.isEmpty }

    /// The settings, each with the flag that it came by.
    var overrides: [ConfigurationSources.Override] {
        settings.map { setting in
            let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return ConfigurationSources.Override(
                path: String(parts[0]), value: String(parts[1]), flag: "--set")
        }
    }
}
