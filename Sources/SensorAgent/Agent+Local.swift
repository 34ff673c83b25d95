// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles
import LinuxHost
import LinuxIO
import Logging
import PlugAndPlay
import Quantities
import StateStore
import ThreadExecutor

extension Agent {
    /// What other programs may ask of the running agent.
    func localCommands(_ parts: AgentParts) -> LocalCommands {
        let reboots = parts.reboots
        var commands = LocalCommands()
        commands.register(
            ReadRequest.command,
            ReadRequest.handler(setups: sensors.setups, results: parts.results, time: clock))
        commands.register(StatusRequest.command, status(parts))
        commands.register(WhyRequest.command, WhyRequest.handler(control: control, time: clock))
        commands.register(SetRequest.command, SetRequest.handler(control: control, time: clock))
        commands.register(
            ResetRequest.command,
            ResetRequest.handler(control: control, time: clock) { await reboots.reset() })
        commands.register(RebootLocalRequest.command, RebootLocalRequest.handler(reboots))
        commands.register(
            RelayOffRequest.command,
            RelayOffRequest.handler(control: control, storing: storing(in: parts.store.state)))
        // The machine's own buses, also while simulated sensors are read.
        let machine = LinuxHardware(
            sysfsRoot: configuration.host.sysfsRoot, deviceRoot: configuration.host.deviceRoot)
        commands.register(
            ScanRequest.command,
            ScanRequest.handler(Scanner(hardware: machine, time: clock, inUse: sensors.inUse)))
        return commands
    }

    private func status(_ parts: AgentParts) -> LocalCommands.Handler {
        let facts = StatusRequest.Facts(
            version: Program.version, startedAt: startedAt, isSimulated: sensors.isSimulated)
        let (store, cloud, clock, control) = (parts.store.state, parts.cloud, clock, control)
        return StatusRequest.handler(
            facts, setups: sensors.setups, results: parts.results, control: control, time: clock,
            clock: { clock.verdict }, messages: parts.account,
            disk: {
                AgentStatus.Disk(
                    busySince: store.busySince, isDurable: store.wasDurable,
                    isPastUnknown: await control.isPastUnknown, at: clock.now().monotonic)
            },
            certificate: { parts.certificate.status(at: clock.now()) }, link: { await cloud.link() })
    }

    /// Has a latch in the store before anybody is told that it holds.
    private func storing(in store: StateStore) -> RelayOffRequest.Storing {
        RelayOffRequest.Storing(time: clock, on: requests) { [thermostats, log] memories in
            do {
                for (id, memory) in memories {
                    try await store.setMemory(memory, of: thermostats.memoryName(of: id))
                }
                // The log has said so where it is in memory only.
                return await store.isDurable
            } catch {
                log.warning("That the relays have to stay off could not be stored: \(error)")
                return false
            }
        }
    }
}
