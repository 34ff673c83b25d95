// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import HardwareIO
import IoTHub
import LinuxHost
import Logging
import PlugAndPlay
import Quantities
import StateStore
import ThermostatControl
import ThreadExecutor

/// The agent's own services around one heating thermostat whose relay may switch at any time.
struct Installation {
    let recorder = EdgeRecorder()
    let control: ControlLoop
    let cloud: CloudService
    private let clock = LinuxClock()
    private let services: ServiceGroup
    private let store: StateStore

    /// Puts everything together as `run` does, with its state in `directory`.
    init(_ client: HubClientConfiguration, over transport: any HubTransport, directory: String) async {
        var log = Logger(label: "agent-bench") { StreamLogHandler.standardError(label: $0) }
        log.logLevel = .warning
        store = await StateStore.open(
            .file("\(directory)/state.sqlite"), executor: ThreadExecutor(name: "store"), at: clock.now().wall)
        control = ControlLoop(
            [.thermostat1: Self.station], isSimulated: true, outputs: recorder, time: clock,
            boot: ControlLoop.Boot(id: BootID.read(), start: clock.bootTime))
        cloud = CloudService(
            settings: CloudSettings(
                telemetryInterval: .milliseconds(10), reboot: .off, serialNumber: "bench",
                deviceInformation: Self.information, bootID: BootID.read(), isSimulated: true),
            client: HubClient(configuration: client, transport: transport, time: clock, log: log),
            control: control, store: store, time: clock, log: log, workingSet: { nil })
        services = ServiceGroup([
            cloud, ControlService(control: control, store: store, time: clock, log: log) { _, _ in },
        ])
    }

    /// Runs the services while `body` does, which begins when the hub is online.
    func run(_ body: () async throws(Failure) -> Void) async throws(Failure) {
        let running = Task { await services.run() }
        while await cloud.link().0.state != ConnectionState.online.rawValue {
            try? await Task.sleep(for: .milliseconds(10))
        }
        try await body()
        services.beginEnd()
        _ = await running.value
        await store.close()
    }

    /// Takes a sample the way the sampling service hands it on; returns when control has decided.
    func sample(_ celsius: Double) async -> [ControlLoop.Temperature] {
        await control.record(
            Reading(
                sensor: Self.sensor, measurements: [Measurement(.temperature, celsius)],
                source: .simulated(driver: "bench"), takenAt: clock.now()))
    }
}

extension Installation {
    /// The target until the hub asks for another, °C.
    static let target = 20.0
    private static let sensor = SensorName("bench")

    /// A relay without minimum times: each sample or target on the other side of the band has to switch it.
    private static let station = ControlLoop.StationSetup(
        sensor: sensor,
        settings: ControlSettings(
            limits: TargetLimits(range: 5...35, siteDefault: target), mode: .heat,
            gate: GateSettings(
                minimumOn: .nanoseconds(1), minimumOff: .nanoseconds(1), maximumOn: .seconds(14_400)),
            watch: WatchSettings(period: .seconds(8)), drivesRealOutput: false),
        relay: RelaySetup(
            line: LineAddress(chip: "bench", line: .offset(0)),
            use: LineUse(activeLow: false, consumer: "agent-bench"), isReal: false, ratedCycles: .max))

    private static let information = DeviceInformation(
        manufacturer: "bench", model: "bench", swVersion: "bench", osName: "bench",
        processorArchitecture: "bench", processorManufacturer: "bench", totalStorage: nil, totalMemory: nil)
}
