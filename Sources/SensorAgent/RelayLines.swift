// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles
import LinuxIO

/// The relays that the configuration names, and the machine that has their lines.
struct RelayLines {
    /// Every configured relay.
    var relays: [RelaySetup] = []
    /// The file that was read; `nil` where there was none.
    var file: String?
    /// The machine as the configuration describes it.
    var hardware = LinuxHardware()

    /// Reads the configuration; throws what is wrong with it, since then nobody knows the relays.
    ///
    /// The hub does not matter: its key may be one that only the service itself can read.
    static func configured(_ options: ConfigurationOptions) throws(ConfigurationErrors) -> RelayLines {
        let configuration = try AgentConfiguration.examine(options.sources(), files: DiskFileReader())
            .withoutHub()
        let host = configuration.host
        return RelayLines(
            relays: try ThermostatResolution.relays(configuration), file: configuration.file,
            hardware: LinuxHardware(sysfsRoot: host.sysfsRoot, deviceRoot: host.deviceRoot))
    }

    /// The real relays of a configuration that is wrong elsewhere: those about which, as about the board, nothing is.
    ///
    /// A level that was meant otherwise would switch on, so a relay with any mistake is left out.
    static func understood(_ options: ConfigurationOptions) -> RelayLines? {
        let examination = AgentConfiguration.examine(options.sources(), files: DiskFileReader())
        let wrong = Set(examination.errors.compactMap { $0.path.split(separator: ".").first })
        guard examination.isComplete, wrong.isDisjoint(with: ["board", "host", "outputs"]) else { return nil }
        var configuration = examination.configuration
        if wrong.contains("thermostat1") { configuration.thermostat1.relay = nil }
        if wrong.contains("thermostat2") { configuration.thermostat2.relay = nil }
        guard let relays = try? ThermostatResolution.relays(configuration) else { return nil }
        let host = configuration.host
        return RelayLines(
            relays: relays.filter(\.isReal), file: configuration.file,
            hardware: LinuxHardware(sysfsRoot: host.sysfsRoot, deviceRoot: host.deviceRoot))
    }

    /// These relays, and the lines that ended agents held beside them.
    func with(_ held: [HeldLine]) -> RelayLines {
        var lines = self
        lines.relays = HeldLine.merged(relays, with: held)
        return lines
    }

    /// The relays that no running agent has named among `lines`.
    func others(than lines: [RelayOffRequest.Line]) -> [RelaySetup] {
        relays.filter { relay in
            !lines.contains { $0.name == "\(relay.line)" && ($0.isReal || !relay.isReal) }
        }
    }
}
