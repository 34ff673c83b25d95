// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import Logging
import PlugAndPlay
import Quantities
import RebootGuard
import Secrets
import StateStore
import StrictJSON
import TestClocks
import Testing
import ThermostatControl
import ThreadExecutor

@testable import AgentCore

/// The cloud side of an agent with one relay, against a hub in the test, in a time that the test moves.
struct CloudRig {
    static let key = HubKey(hub: "hub.example", deviceID: "dev1")

    let relay: RelayRig
    let hub: ScriptedHub
    let store: StateStore
    let cloud: CloudService
    private let reboots: RebootService

    var time: SteppedTime { relay.time }

    init(
        store: StateStore? = nil, hub: ScriptedHub = ScriptedHub(), relay: RelayRig = RelayRig()
    ) async throws {
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let time = relay.time
        let connection = try ConnectionString(
            parsing: Secret(
                "HostName=hub.example;DeviceId=dev1;SharedAccessKey=vmf4XPs2/VO5o2QHnEVqgEF5DTUWpSjz/bLsjVHcVGE="
            ))
        if time.now().wall == nil { time.setWall(.init(millisecondsSince1970: 1_790_000_000_000)) }
        let client = HubClient(
            configuration: HubClientConfiguration(
                identity: .connectionString(connection), modelID: "dtmi:com:example:TemperatureController;2",
                productInfo: "tests/1"),
            transport: hub, time: time, random: { 0 }, log: log)
        let boot = ControlLoop.Boot(id: "boot", start: time.start.advanced(by: .seconds(-3_600)))
        let pump = TelemetryPump(
            settings: .init(bootID: "boot", bootTime: boot.start), queue: MemoryQueue(), time: time, log: log
        ) { message throws(HubError) in try await client.send(message) }
        let reboots = RebootService(
            .init(mode: .off), machine: Immovable(), control: relay.loop, time: time, boot: boot, log: log
        ) { true }
        if let store {
            self.store = store
        } else {
            self.store = await StateStore.open(.memory, executor: ThreadExecutor(name: "store"), at: nil)
        }
        cloud = CloudService(
            settings: CloudSettings(
                telemetryInterval: .seconds(8), serialNumber: "serial",
                deviceInformation: DeviceInformation(
                    manufacturer: "m", model: "m", swVersion: "1", osName: "o", processorArchitecture: "a",
                    processorManufacturer: "p", totalStorage: 1, totalMemory: 1),
                bootID: "boot", isSimulated: false),
            client: client, control: relay.loop, store: self.store, pump: pump, time: time, log: log,
            reboots: reboots, workingSet: { nil })
        self.relay = relay
        self.hub = hub
        self.reboots = reboots
        await reboots.begin(cloud)
    }

    /// Runs the cloud side while `body` does.
    func run(_ body: () async throws -> Void) async rethrows {
        let (end, hasEnded) = (Ending(), Ending())
        let (cloud, reboots) = (cloud, reboots)
        let running = Task {
            async let rebooting: Void = reboots.run(until: end)
            await cloud.run(until: end)
            await rebooting
            hasEnded.tell()
        }
        defer { end.tell() }
        try await body()
        end.tell()
        // What waits a while for a disk that hangs waits no longer.
        while !hasEnded.isTold {
            advance(by: .milliseconds(100))
            await Task.yield()
        }
        await running.value
    }

    /// Moves the time on.
    func advance(by step: Duration) {
        time.advance(to: time.start.duration(to: time.now().monotonic) + step)
    }

    /// Waits until something has happened that needs no time.
    func wait(until condition: () async -> Bool) async {
        while await !condition() { await Task.yield() }
    }

    /// Moves the time until the next attempts have brought the device back.
    func reconnect() async {
        await wait {
            let status = await cloud.client.status
            if let left = status.nextAttempt, status.state == .offline {
                advance(by: left)
            }
            return await cloud.isOnline
        }
    }

    /// Whether the hub holds all that the device wants it to.
    private var isSettled: Bool {
        get async {
            let (isOnline, pending) = await (cloud.isOnline, cloud.reported.pending)
            return isOnline && pending == nil && !hub.patches.isEmpty
        }
    }

    /// Waits until the hub holds all that the device wants it to.
    func settle() async { await wait { await isSettled } }

    private struct Immovable: RebootMachine {
        func load() async -> RebootJournal { RebootJournal() }
        func save(_ journal: RebootJournal) async -> String? { nil }
        func inhibitor() async -> String? { nil }
        func reboot() -> AsyncStream<PowerNews> { AsyncStream { $0.finish() } }
    }
}
