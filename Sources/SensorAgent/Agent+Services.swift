// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles
import HardwareIO
import IoTHub
import LinuxHost
import Quantities

extension Agent {
    /// The services, in the order in which they start.
    ///
    /// Told of the end in reverse order: the deadline begins, the service manager hears of it, nobody is answered any more,
    /// the relays go off, sampling stops, the last state is reported.
    func services(_ parts: AgentParts) -> [any Service] {
        let report = managerReport(parts)
        let messages = NoteFile(directory: directory, name: StateDirectory.messageFile)
        var services: [any Service] = [
            clockService(parts),
            MessageAccountService(parts.account, time: clock, log: log, keep: messages.keep),
            parts.cloud, sampling(parts, report), controlling(parts, report), parts.reboots,
            StatusReporter(control: control, cloud: parts.cloud, time: clock),
        ]
        if let local = LocalControlService.make(localCommands(parts), on: requests, log: log) {
            services.append(local)
        }
        if let files = configuration.hub?.usedCertificate {
            services.append(
                CertificateService(files: files, time: clock, log: log, standing: parts.certificate))
        }
        return services + [report, DeadlineService()]
    }

    private func clockService(_ parts: AgentParts) -> ClockService {
        let file = ClockFile(directory: directory)
        return ClockService(clock, log: log, keep: file.keep) { await parts.client.clockWasSet() }
    }

    private func managerReport(_ parts: AgentParts) -> ServiceManagerReport {
        ServiceManagerReport(to: parts.manager, sensors: sensors.setups.map(\.name), log: log) {
            [control] in
            StatusLine.text(hub: await parts.cloud.link().0.state, await control.snapshots())
        }
    }

    private func sampling(_ parts: AgentParts, _ report: ServiceManagerReport) -> SamplingService {
        let (control, cloud) = (control, parts.cloud)
        return SamplingService(
            setups: sensors.setups, hardware: sensors.hardware, time: clock, log: log,
            results: parts.results,
            told: { report.hasTried($0) },
            failed: { await control.recordFailure(of: $0) }
        ) { reading in
            await cloud.offer(await control.record(reading))
        }
    }

    private func controlling(_ parts: AgentParts, _ report: ServiceManagerReport) -> ControlService {
        let (clock, thermostats, cloud) = (clock, thermostats, parts.cloud)
        return ControlService(
            control: control, store: parts.store.state, time: clock, log: log,
            interval: ControlService.interval(
                drivesRelay: thermostats.stations.values.contains { $0.relay != nil },
                watchdog: parts.manager.watchdogInterval),
            onTick: { report.hasControlled(at: clock.now().monotonic) },
            memoryName: { thermostats.memoryName(of: $0) }
        ) {
            await cloud.report(localTarget: $1, of: $0)
        }
    }
}
