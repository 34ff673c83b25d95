// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import Foundation
import IoTHub
import LocalHub
import Logging
import MosquittoTransport
import PlugAndPlay
import Quantities
import RebootGuard
import Secrets
import Simulation
import StateStore
import Testing
import ThreadExecutor

/// The agent's cloud side and a hub in one process, with samples as fast as a test wants them and short waits between
/// attempts: what takes an hour on a board takes seconds here.
final class Endurance: Sendable {
    let server: LocalHubServer
    let cloud: CloudService
    private let reboots: RebootService
    let control: ControlLoop
    let pump: TelemetryPump
    let folder: URL
    var hub: Hub { server.hub }

    private init(
        server: LocalHubServer, cloud: CloudService, reboots: RebootService, control: ControlLoop,
        pump: TelemetryPump, folder: URL
    ) {
        self.server = server
        self.cloud = cloud
        self.reboots = reboots
        self.control = control
        self.pump = pump
        self.folder = folder
    }

    /// What a run is made of.
    struct Setup: Sendable {
        /// Time between two samples of a stream.
        var interval = Duration.milliseconds(20)
        /// Messages a second of those that had to wait.
        var replayRate = 100_000.0
        /// Whether the hub is found by DPS, as ``registration`` of an enrollment that the test makes; else it is known.
        var isProvisioned = false
        /// What the hub promises to forget or refuse, so that it is no broken rule.
        var allowed: Set<Violation.Kind> = []
        /// How the client is configured beyond the connection string.
        var client: @Sendable (inout HubClientConfiguration) -> Void = { _ in }
        /// What is done with the hub before the agent starts.
        var prepare: @Sendable (LocalHubServer) async throws -> Void = { _ in }
    }

    /// The registration of an agent that DPS assigns, and the key of its enrollment.
    static let registration = "reg-1"
    static let enrollmentKey = Data((0..<64).map { _ in UInt8.random(in: .min ... .max) })
        .base64EncodedString()

    /// Runs `body` with a hub that knows the device `d1` and an agent that samples without end.
    static func with(_ setup: Setup = Setup(), _ body: @Sendable (Endurance) async throws -> Void)
        async throws
    {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "endurance-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var configuration = LocalHubServerConfiguration()
        configuration.mqttPort = 0
        configuration.restPort = 0
        configuration.directory = folder.appendingPathComponent("hub")
        let server = try await LocalHubServer.start(configuration)
        let endurance = try await make(setup, server, folder)
        let (end, agent) = endurance.start(setup.interval)
        let result = await Result { try await body(endurance) }
        end.tell()
        await agent.value
        let violations = await server.hub.violations().filter { !setup.allowed.contains($0.kind) }
        #expect(violations.isEmpty, "\(violations.map { "\($0.kind): \($0.detail)" })")
        await server.stop()
        try result.get()
    }

    private static func make(_ setup: Setup, _ server: LocalHubServer, _ folder: URL) async throws
        -> Endurance
    {
        let key = Data((0..<32).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString()
        try await server.hub.putDevice(
            "d1", DeviceSpecification(authentication: .sas(primaryKey: key, secondaryKey: key)))
        try await setup.prepare(server)
        var client = HubClientConfiguration(
            identity: setup.isProvisioned ? try provisioning(server) : connectionString(server, key),
            trust: .file(server.caFile.path), modelID: TemperatureController.modelID)
        client.backoff = BackoffPolicy(longestWait: .milliseconds(50))
        setup.client(&client)
        let time = RealTime()
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        // Two days of virtual blackout fit.
        let boot = ContinuousClock.now.advanced(by: .seconds(-200_000))
        let store = await StateStore.open(
            .file(folder.appendingPathComponent("state.sqlite").path),
            executor: ThreadExecutor(name: "store"),
            at: time.now().wall)
        let hubClient = HubClient(
            configuration: client, transport: MosquittoTransport(),
            cache: StoredAssignment(of: client.identity, in: store, time: time, log: log), time: time,
            log: log)
        let queue = await TelemetryStore.open(
            young: .file(folder.appendingPathComponent("young.sqlite").path),
            executor: ThreadExecutor(name: "young"),
            disk: store, at: time.now().wall, in: nil, newSeries: { "0000abcd" })
        let pump = TelemetryPump(
            settings: .init(
                bootID: "boot", bootTime: boot, limits: .init(replayRate: setup.replayRate),
                syncInterval: .seconds(1)), queue: queue,
            time: time, log: log
        ) { message throws(HubError) in try await hubClient.send(message) }
        let simulation = SimulatedHardware(time: time, seed: 1)
        let control = ControlLoop(
            [.thermostat1: .init(sensor: SensorName("one")), .thermostat2: .init(sensor: SensorName("two"))],
            isSimulated: true, outputs: simulation, time: time, boot: .init(id: "boot", start: boot))
        let reboots = RebootService(
            .init(mode: .dryRun), machine: ImmovableMachine(), control: control, time: time,
            boot: .init(id: "boot", start: boot), log: log
        ) { true }
        let cloud = CloudService(
            settings: CloudSettings(
                telemetryInterval: setup.interval, serialNumber: "1",
                deviceInformation: DeviceInformation(
                    manufacturer: "m", model: "m", swVersion: "1", osName: "o", processorArchitecture: "p",
                    processorManufacturer: "p", totalStorage: 1, totalMemory: 1), bootID: "boot",
                isSimulated: true),
            client: hubClient, control: control, store: store, pump: pump, time: time, log: log,
            reboots: reboots, workingSet: { 1_024 })
        await reboots.begin(cloud)
        return Endurance(
            server: server, cloud: cloud, reboots: reboots, control: control, pump: pump, folder: folder)
    }

    private static func connectionString(_ server: LocalHubServer, _ key: String) -> HubIdentity {
        .connectionString(
            ConnectionString(
                host: HostAddress(name: "localhost", port: UInt16(server.mqttPort)), deviceID: "d1",
                proof: .key(Secret(key))))
    }

    private static func provisioning(_ server: LocalHubServer) throws -> HubIdentity {
        try .provisioning(
            ProvisioningSettings(
                endpoint: HostAddress(name: "localhost", port: UInt16(server.mqttPort)),
                idScope: server.hubConfiguration.idScope, registrationID: registration,
                credential: .deviceKey(Secret(enrollmentKey))))
    }

    /// Starts the agent and its sampling.
    private func start(_ interval: Duration) -> (Ending, Task<Void, Never>) {
        let end = Ending()
        let task = Task {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.cloud.run(until: end) }
                // Without it nobody would answer the command.
                group.addTask { await self.reboots.run(until: end) }
                group.addTask { await self.sample(every: interval, until: end) }
            }
        }
        return (end, task)
    }

    private func sample(every interval: Duration, until end: Ending) async {
        let time = RealTime()
        let sampling = Task {
            let schedule = DriftFreeSchedule(start: .now, every: interval)
            while !Task.isCancelled {
                for name in ["one", "two"] {
                    let reading = Reading(
                        sensor: SensorName(name),
                        measurements: [Measurement(.temperature, 21)],
                        source: .simulated(driver: "test"), takenAt: time.now())
                    await cloud.offer(await control.record(reading))
                }
                try? await time.sleep(until: schedule.next(after: .now))
            }
        }
        await end.wait()
        sampling.cancel()
        await sampling.value
    }

    /// Waits until so many more samples of each stream have arrived, and no number is missing.
    func expectMore(
        _ count: Int = 20, within limit: Duration = .seconds(180),
        sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        let highest = await hub.arrivals().values.map(\.highest).max() ?? 0
        let start = ContinuousClock.now
        // In steps: to look at every number again at each message would take longer than the messages.
        while start.duration(to: .now) < limit {
            if await hub.hasAll(upTo: highest + count, streams: 3) { return }
            let seen = await hub.telemetry().count
            _ = await hub.wait(upTo: .seconds(1)) { $0.telemetry().count >= seen + 30 }
        }
        let arrivals = await hub.arrivals()
        Issue.record("\(arrivals)", sourceLocation: sourceLocation)
    }
}

extension Result where Failure == any Error, Success == Void {
    /// What `body` made of it.
    init(_ body: () async throws -> Void) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
