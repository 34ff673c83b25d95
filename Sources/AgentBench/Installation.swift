// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import HardwareIO
import IoTHub
import LinuxHost
import Logging
import PlugAndPlay
import Quantities
import RebootGuard
import ThermostatControl
import ThreadExecutor

/// The agent's own services, put together as `run` does.
struct Installation {
    /// What one measurement has otherwise than another.
    struct Parts {
        var client: HubClientConfiguration
        var transport: any HubTransport
        /// The directory of the state file.
        var state: String
        /// The directory of the young tier.
        var young: String
        var stations: [ThermostatID: ControlLoop.StationSetup] = [:]
        var outputs: any Hardware = EdgeRecorder()
        /// The sensors, on `outputs`; none where readings are made by the measurement.
        var sensors: [SensorSetup] = []
        var time: any TimeSource = LinuxClock()
        var telemetryInterval = Duration.seconds(8)
        var syncInterval = Duration.seconds(60)
        /// How much memory this process has, KiB; `nil` sends none.
        var workingSet: Double?
    }

    let control: ControlLoop
    let cloud: CloudService
    let pump: TelemetryPump
    let store: BenchStore
    let time: any TimeSource
    private let services: ServiceGroup

    /// Puts everything together; `acknowledged` is called for each message that the hub has taken.
    init(_ parts: Parts, acknowledged: @escaping @Sendable () -> Void = {}) async throws(Failure) {
        var log = Logger(label: "agent-bench") { StreamLogHandler.standardError(label: $0) }
        log.logLevel = .error
        let time = parts.time
        let now = time.now()
        let store = try await BenchStore.open(state: parts.state, young: parts.young, at: now.wall)
        let thread = ThreadExecutor(name: "control")
        let boot = ControlLoop.Boot(id: BootID.read(), start: LinuxClock().bootTime)
        let control = ControlLoop(
            parts.stations, isSimulated: true, outputs: parts.outputs, time: ThreadTime(time, on: thread),
            boot: boot, executor: thread)
        let client = HubClient(configuration: parts.client, transport: parts.transport, time: time, log: log)
        let pump = TelemetryPump(
            settings: TelemetryPump.Settings(
                bootID: boot.id ?? "unknown", bootTime: boot.start, syncInterval: parts.syncInterval,
                forgetDelay: .usualForgetDelay),
            queue: store.telemetry, time: time, log: log
        ) { message throws(HubError) in
            try await client.send(message)
            acknowledged()
        }
        let workingSet = parts.workingSet
        let cloud = CloudService(
            settings: CloudSettings(
                telemetryInterval: parts.telemetryInterval, serialNumber: "bench",
                deviceInformation: Self.information, bootID: boot.id, isSimulated: true),
            client: client, control: control, store: store.state, pump: pump, time: time, log: log,
            reboots: RebootService(
                .init(mode: .off), machine: ImmovableMachine(), control: control, time: time, boot: boot,
                log: log
            ) { true }, workingSet: { workingSet })
        let sampling = SamplingService(
            setups: parts.sensors, hardware: parts.outputs, time: time, log: log,
            failed: { await control.recordFailure(of: $0) }
        ) { await cloud.offer(await control.record($0)) }
        services = ServiceGroup([
            cloud, sampling,
            ControlService(control: control, store: store.state, time: time, log: log) { _, _ in },
        ])
        (self.control, self.cloud, self.pump, self.store, self.time) = (control, cloud, pump, store, time)
    }

    /// Runs the services while `body` does, which begins when the hub is online or need not be.
    func run(offline: Bool = false, _ body: () async throws(Failure) -> Void) async throws(Failure) {
        let running = Task { await services.run() }
        while !offline, await cloud.link().0.state != ConnectionState.online.rawValue {
            try? await SharedThread.sleep(until: .now + .milliseconds(10))
        }
        try await body()
        services.beginEnd()
        _ = await running.value
        await store.close()
    }

    private static let information = DeviceInformation(
        manufacturer: "bench", model: "bench", swVersion: "bench", osName: "bench",
        processorArchitecture: "bench", processorManufacturer: "bench", totalStorage: nil, totalMemory: nil)
}
