// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import LinuxIO
import Simulation

extension SensorResolution {
    /// The configured sensors on the machine that the program runs on; throws what its board does not have.
    static func onThisMachine(
        _ configuration: AgentConfiguration, simulation: SimulatedHardware
    ) throws(ConfigurationErrors) -> SensorResolution {
        let board = try Boards(programPath: Environment.programPath).choose(configuration)
        let hardware = LinuxHardware(
            sysfsRoot: configuration.host.sysfsRoot, deviceRoot: configuration.host.deviceRoot)
        return try .configured(configuration, board: board, hardware: hardware, simulation: simulation)
    }
}
