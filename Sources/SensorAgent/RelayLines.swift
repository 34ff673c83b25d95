// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles
import LinuxIO

/// The relays that the configuration names, and the machine that has their lines.
struct RelayLines {
    /// Every configured relay.
    let relays: [RelaySetup]
    /// The file that was read; `nil` where there was none.
    let file: String?
    /// The machine as the configuration describes it.
    let hardware: LinuxHardware

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

    /// The relays that no running agent has named among `lines`.
    func others(than lines: [RelayOffRequest.Line]) -> [RelaySetup] {
        relays.filter { relay in
            !lines.contains { $0.name == "\(relay.line)" && ($0.isReal || !relay.isReal) }
        }
    }
}
