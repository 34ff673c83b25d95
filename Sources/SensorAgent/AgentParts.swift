// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles
import IoTHub
import LinuxHost
import Logging
import MosquittoTransport
import PlugAndPlay
import Quantities
import StateStore
import ThreadExecutor

/// What the services of a running agent talk to.
struct AgentParts {
    let store: AgentStore
    let account: MessageAccount
    let client: HubClient
    let pump: TelemetryPump
    let reboots: RebootService
    let cloud: CloudService
    let results = LatestResults()
    let certificate = CertificateStanding()
    let manager = ServiceManager()
}

extension Agent {
    /// Makes the parts; none of them waits for the disk, the hub or a bus here.
    func parts(_ store: AgentStore, _ disk: ThreadExecutor, savedMessages: String?) -> AgentParts {
        let account = DailyMessages(configuration).account(saved: savedMessages, time: clock)
        let client = hub(store.state, account)
        let pump = pump(store.telemetry, account, client)
        let reboots = RebootService(
            configuration.reboot.settings(simulate: simulate),
            machine: ThisMachine(
                configuration.reboot, directory: directory, disk: disk, time: clock, log: log),
            control: control, time: clock, boot: boot, log: log
        ) {
            await pump.drain()
            return await store.state.isDurable
        }
        let cloud = CloudService(
            settings: cloudSettings(), client: client, control: control, store: store.state, pump: pump,
            time: clock, log: log, reboots: reboots, workingSet: { WorkingSet.kibibytes() },
            account: account, clockGate: { [clock] in await clock.waitUntilTrusted() })
        return AgentParts(
            store: store, account: account, client: client, pump: pump, reboots: reboots, cloud: cloud)
    }

    private func hub(_ store: StateStore, _ account: MessageAccount) -> HubClient {
        // Each message would cross between two threads and wake both.
        let mqtt = MosquittoTransport(sharing: SharedThread.executor)
        return HubClient(
            configuration: client, transport: MeteredTransport(mqtt) { account.count($0) },
            cache: StoredAssignment(of: client.identity, in: store, time: clock, log: log), time: clock,
            log: log)
    }

    private func pump(
        _ queue: any TelemetryQueue, _ account: MessageAccount, _ client: HubClient
    ) -> TelemetryPump {
        TelemetryPump(
            settings: TelemetryPump.Settings(
                // Without the kernel's id no other boot's clock can date what this one measures.
                bootID: boot.id ?? "unknown", bootTime: boot.start,
                limits: SendPlan.Limits(replayRate: configuration.telemetry.replayRate),
                syncInterval: configuration.store.syncInterval, forgetDelay: .usualForgetDelay),
            queue: queue, time: clock, log: log, mayReplay: { account.mayReplay }
        ) { message throws(HubError) in try await client.send(message) }
    }

    private func cloudSettings() -> CloudSettings {
        CloudSettings(
            telemetryInterval: configuration.telemetry.interval,
            serialNumber: configuration.device.serialNumber ?? SerialNumber.read()?.text ?? "unknown",
            deviceInformation: DeviceInformation(MachineFacts.read(softwareVersion: Program.version)),
            bootID: maximumKey(), isSimulated: sensors.isSimulated,
            reportsStatus: configuration.hub?.extraProperties ?? true)
    }

    /// Simulated temperatures must not raise the maximum of real ones in the same boot.
    private func maximumKey() -> String? {
        boot.id.map { sensors.isSimulated ? $0 + " simulated" : $0 }
    }
}

extension DeviceInformation {
    fileprivate init(_ facts: MachineFacts) {
        self.init(
            manufacturer: facts.manufacturer, model: facts.model, swVersion: facts.swVersion,
            osName: facts.osName,
            processorArchitecture: facts.processorArchitecture,
            processorManufacturer: facts.processorManufacturer,
            totalStorage: facts.totalStorage, totalMemory: facts.totalMemory)
    }
}
