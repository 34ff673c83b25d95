// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import PlugAndPlay
import Quantities
import RebootGuard
import Secrets
import StateStore
import TestClocks
import Testing
import ThreadExecutor

@testable import AgentCore

/// What goes to the store and to the hub in one go, so that the program is woken once for it.
@Suite("Telemetry in one go", .timeLimit(.minutes(10))) struct TelemetryTogetherTests {
    private let rig = RelayRig()
    private let queue = MemoryQueue()
    private let log = LogLines().logger

    private func pump(forgetDelay: Duration = .zero) -> TelemetryPump {
        TelemetryPump(
            settings: .init(bootID: "now", bootTime: rig.time.start, forgetDelay: forgetDelay), queue: queue,
            time: rig.time, log: log, transmit: { _ in })
    }

    private func cloud(_ pump: TelemetryPump) async throws -> CloudService {
        let key = try ConnectionString(
            parsing: Secret("HostName=hub.example;DeviceId=d;SharedAccessKey=c2VjcmV0"))
        let client = HubClient(
            configuration: HubClientConfiguration(
                identity: .connectionString(key), modelID: "dtmi:com:example:TemperatureController;2",
                productInfo: "tests/1"), transport: NoTransport(), time: rig.time, log: log)
        let boot = ControlLoop.Boot(id: "boot", start: rig.time.start)
        return CloudService(
            settings: CloudSettings(
                telemetryInterval: .seconds(8), serialNumber: "1",
                deviceInformation: DeviceInformation(
                    manufacturer: "m", model: "m", swVersion: "1", osName: "o", processorArchitecture: "p",
                    processorManufacturer: "p", totalStorage: 1, totalMemory: 1), bootID: "boot",
                isSimulated: false),
            client: client, control: rig.loop,
            store: await StateStore.open(.memory, executor: ThreadExecutor(name: "store"), at: nil),
            pump: pump, time: rig.time, log: log,
            reboots: RebootService(
                .init(mode: .off), machine: ImmovableMachine(), control: rig.loop, time: rig.time, boot: boot,
                log: log
            ) { true }, workingSet: { 1_024 })
    }

    private func temperature(_ id: ThermostatID) -> ControlLoop.Temperature {
        .init(thermostat: id, celsius: 20, takenAt: rig.time.now(), isSimulated: false)
    }

    /// The streams of what was offered since the last call, in order.
    private func offered(_ pump: TelemetryPump) async -> [String] {
        await pump.drain()
        let keys = await queue.waiting.map(\.key)
        _ = await queue.exchange(storing: [], forgetting: keys)
        return keys.map(\.stream)
    }

    @Test("The memory goes with a sample that is due, and waits a second for one where none comes")
    func memory() async throws {
        let pump = pump()
        let cloud = try await cloud(pump)
        let time = rig.time
        // At the start it waits for nobody.
        await cloud.offer([])
        #expect(await offered(pump) == [""])
        await time.sleepers(at: [.seconds(9)])
        time.advance(to: .seconds(7))
        await cloud.offer([temperature(.thermostat1)])
        #expect(await offered(pump) == ["thermostat1"])
        time.advance(to: .milliseconds(8_040))
        await cloud.offer([temperature(.thermostat1), temperature(.thermostat2)])
        #expect(await offered(pump) == ["thermostat1", "thermostat2", ""])
        #expect(await queue.appends == 3, "what is offered together is one transaction")
        // The reminder of before is gone.
        await time.sleepers(at: [.seconds(17)])
        time.advance(to: .seconds(17))
        await time.sleepers(at: [.seconds(25)])
        #expect(await offered(pump) == [""])
        await cloud.memoryReminder?.cancel()
    }

    @Test("The store is told once what the hub has taken within half a second") func forget() async {
        let pump = pump(forgetDelay: .milliseconds(500))
        let time = rig.time
        let task = Task { await pump.run() }
        await pump.connected(true)
        await pump.offer(20, of: .temperature(of: .thermostat1), simulated: false, takenAt: time.now())
        await pump.offer(20, of: .temperature(of: .thermostat2), simulated: false, takenAt: time.now())
        while await pump.sent < 2 { await Task.yield() }
        await time.sleepers(at: [.milliseconds(500), .seconds(60)])
        // The first may have gone with the second; at least one waits for more.
        let before = await queue.removals
        #expect(before <= 1)
        #expect(await !queue.waiting.isEmpty)
        #expect(await pump.status.waiting == 0)
        time.advance(to: .milliseconds(500))
        await queue.holds(0)
        #expect(await queue.removals == before + 1)
        // The end waits for nothing.
        await pump.offer(20, of: .temperature(of: .thermostat1), simulated: false, takenAt: time.now())
        while await pump.sent < 3 { await Task.yield() }
        await pump.drain()
        #expect(await queue.waiting.isEmpty)
        task.cancel()
        await task.value
    }

    @Test("The disk gets nothing that the hub has, also where the store was not told yet") func sync() async {
        let pump = pump(forgetDelay: .seconds(90))
        let time = rig.time
        let task = Task { await pump.run() }
        await pump.connected(true)
        await pump.offer(20, of: .temperature(of: .thermostat1), simulated: false, takenAt: time.now())
        await time.sleepers(at: [.seconds(60), .seconds(90)])
        time.advance(to: .seconds(60))
        while await queue.syncs.isEmpty { await Task.yield() }
        #expect(await queue.removals == 1)
        task.cancel()
        await task.value
    }
}

/// A transport that is never used.
private struct NoTransport: HubTransport {
    let events = AsyncStream<TransportEvent> { $0.finish() }

    func connect(_ credentials: HubCredentials) async throws(TransportError) -> Bool { false }
    func subscribe(to filters: [String]) async throws(TransportError) {}
    func publish(_ payload: [UInt8], to topic: String) async throws(TransportError) {}
    func disconnect() async {}
}
