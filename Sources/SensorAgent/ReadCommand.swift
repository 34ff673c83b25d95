// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ArgumentParser
import LinuxHost

/// `sensor-agent read`.
struct ReadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read",
        abstract: "Show what the sensors measure now.",
        discussion: """
            Asks the agent that runs on this machine for its last results, so that two programs never use one chip at \
            the same time. Where none runs, the configured sensors are read directly, which needs no hub.

            Exit codes: 0 every sensor gave a value, 1 some sensor gave none, 64 wrong arguments or an unknown NAME, \
            69 the running agent gives no answer, 74 the output cannot be written, 77 the agent does not answer this \
            user, 78 wrong or missing configuration.
            """)

    @Argument(help: "Sensors to read, by their names in agent.toml; all without it.")
    var names: [String] = []

    @Flag(help: "Go on until Ctrl-C: a line at each sensor's interval, or every 2 s where it has none.")
    var watch = false

    @Flag(help: "Print JSON: an object with the array \"sensors\"; with --watch one object a line.")
    var json = false

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Read two simulated thermometers, whatever is configured or runs.")
    var simulate = false

    func run() async {
        ProcessSetup.prepare()
        let clock = LinuxClock()
        let reading = ReadingTask(
            selection: SensorSelection(names), isWatching: watch,
            output: ReadOutput(isJSON: json, isWatching: watch, clock: clock), clock: clock)
        if simulate { await reading.readSimulation() }
        let agent = RunningAgent(environment: Environment.all)
        await reading.ask(agent, isConfigurationGiven: options.isGiven)
        await reading.readConfigured(options)
    }
}
