// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ArgumentParser
import ConfigurationFiles

/// `sensor-agent run`.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Measure and talk to the hub until told to stop.",
        discussion: """
            Stops in order on SIGTERM, SIGINT (Ctrl-C), or Q and Enter: the last state is reported, the connection \
            closed, and the exit code is 0.

            The hub comes from agent.toml or from the environment variables of Microsoft's samples: \
            IOTHUB_DEVICE_SECURITY_TYPE (DPS or connectionString), IOTHUB_DEVICE_CONNECTION_STRING, \
            IOTHUB_DEVICE_DPS_ENDPOINT, IOTHUB_DEVICE_DPS_ID_SCOPE, IOTHUB_DEVICE_DPS_DEVICE_ID, \
            IOTHUB_DEVICE_DPS_DEVICE_KEY; with a certificate instead of a key IOTHUB_DEVICE_X509_CERT, \
            IOTHUB_DEVICE_X509_KEY and, where the key is encrypted, IOTHUB_DEVICE_X509_PASS_PHRASE. Flags win over SENSOR_AGENT_* variables, those over IOTHUB_*, those over \
            the file.
            """)

    @OptionGroup var options: ConfigurationOptions

    @Flag(
        help: "Use two simulated thermometers whatever is configured; every message is marked as simulated.")
    var simulate = false

    @Option(
        help: ArgumentHelp(
            "How much to log: trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: String?

    func run() async {
        var overrides = options.overrides
        if let logLevel {
            overrides.append(
                ConfigurationSources.Override(path: "log.level", value: logLevel, flag: "--log-level"))
        }
        let agent = await Agent.prepare(
            configFile: options.config, overrides: overrides, simulate: simulate)
        await agent.run()
    }
}
