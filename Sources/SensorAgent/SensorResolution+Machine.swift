// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles
import HardwareIO
import LinuxIO
import Quantities
import SensorDrivers
import Simulation

extension SensorResolution {
    /// The configured sensors on the machine that the program runs on; throws what its board does not have.
    static func onThisMachine(
        _ configuration: AgentConfiguration, simulation: SimulatedHardware
    ) throws(ConfigurationErrors) -> SensorResolution {
        let board = try Boards(programPath: Environment.programPath).choose(configuration)
        let hardware = LinuxHardware(
            sysfsRoot: configuration.host.sysfsRoot, deviceRoot: configuration.host.deviceRoot)
        var sensors = try configured(
            configuration, board: board, hardware: hardware, simulation: simulation)
        let models = I2CBusAddress.adapter(SimulatedHardware.adapterName).description
        for index in sensors.setups.indices where sensors.setups[index].bus == models {
            sensors.setups[index].open = { _ throws(SensorError) in
                throw SensorError(
                    .notFound,
                    "its bus is that of the simulated hardware, which is there with --simulate only")
            }
        }
        return sensors
    }
}
