// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles

/// The relays that the configuration names.
enum RelayLines {
    /// Every configured relay; throws what is wrong with the configuration, since then nobody knows them.
    static func configured(_ options: ConfigurationOptions) throws(ConfigurationErrors) -> [RelaySetup] {
        try ThermostatResolution.relays(
            try AgentConfiguration.load(options.sources(), files: DiskFileReader()))
    }
}
