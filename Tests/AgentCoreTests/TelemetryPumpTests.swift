// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import IoTHub
import Logging
import PlugAndPlay
import Quantities
import StateStore
import Synchronization
import TestClocks
import Testing

/// A hub that takes, loses or refuses what a test tells it to, and remembers what it got.
private actor FakeHub {
    enum Answer: Sendable { case take, lose, refuse }

    private(set) var got: [TelemetryMessage] = []
    private(set) var busiest = 0
    private var busy = 0
    private let answer: @Sendable (TelemetryMessage) -> Answer
    private weak var reconnecting: TelemetryPump?

    init(_ answer: @escaping @Sendable (TelemetryMessage) -> Answer = { _ in .take }) {
        self.answer = answer
    }

    /// Lets this pump know of each connection that is lost, and of the next one.
    func reconnects(_ pump: TelemetryPump) { reconnecting = pump }

    func take(_ message: TelemetryMessage) async throws(HubError) {
        busy += 1
        busiest = max(busiest, busy)
        await Task.yield()
        busy -= 1
        switch answer(message) {
        case .take: got.append(message)
        case .lose:
            Task { [reconnecting] in
                await reconnecting?.connected(false)
                await reconnecting?.connected(true)
            }
            throw HubError(.connectionLost, "lost")
        case .refuse: throw HubError(.invalidMessage, "refused")
        }
    }

    var ids: [String] { got.compactMap(\.messageID) }
}

@Suite("Telemetry pump", .timeLimit(.minutes(10))) struct TelemetryPumpTests {
    private let time = VirtualTime()

    private func pump(_ queue: MemoryQueue, rate: Double = 1_000, _ hub: FakeHub) -> TelemetryPump {
        TelemetryPump(
            settings: .init(
                bootID: "now", bootTime: time.now().monotonic.advanced(by: .seconds(-100)),
                limits: .init(replayRate: rate)),
            queue: queue, time: time, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { message throws(HubError) in try await hub.take(message) }
    }

    private func running(_ pump: TelemetryPump, _ body: () async throws -> Void) async rethrows {
        let task = Task { await pump.run() }
        try await body()
        task.cancel()
        await task.value
    }

    @Test("A sample is stored before it is sent, and forgotten when the hub has it") func order() async {
        let queue = MemoryQueue()
        let hub = FakeHub()
        let pump = pump(queue, hub)
        await running(pump) {
            await pump.offer(21.5, of: .temperature(of: .thermostat1), simulated: false, takenAt: time.now())
            await queue.holds(1)
            #expect(await hub.got.isEmpty, "offline nothing goes out")
            await pump.connected(true)
            await queue.holds(0)
            #expect(await hub.ids == ["0000abcd-thermostat1-1"])
        }
        #expect(await pump.status == AgentStatus.Outbox(waiting: 0, dropped: 0, sent: 1))
    }

    @Test("A message carries its number, and one that waited for the hub the time of its measurement")
    func dates() async throws {
        let queue = MemoryQueue()
        let hub = FakeHub()
        let pump = pump(queue, hub)
        let taken = time.now()
        await running(pump) {
            await pump.offer(20, of: .workingSet, simulated: true, takenAt: taken)
            await queue.holds(1)
            try? await time.sleep(until: taken.monotonic.advanced(by: .seconds(60)))
            await pump.connected(true)
            await queue.holds(0)
            await pump.offer(30, of: .workingSet, simulated: false, takenAt: time.now())
            while await hub.got.count < 2 { await Task.yield() }
            await queue.holds(0)
        }
        let got = await hub.got
        #expect(got[0].createdAt == taken.wall)
        #expect(got[0].component == nil)
        #expect(got[0].properties.map(\.name).sorted() == ["seq", "simulated"])
        #expect(got[1].properties == [.init(name: "seq", value: "2")])
    }

    @Test("A sample from before the clock was set is dated afterwards, by the monotonic clock of its boot")
    func undated() async {
        let queue = MemoryQueue(holding: 1, dates: ["before": WallTime(millisecondsSince1970: 5)])
        let hub = FakeHub()
        let pump = pump(queue, hub)
        let now = time.now()
        await running(pump) {
            await pump.offer(
                20, of: .workingSet, simulated: false,
                takenAt: Now(
                    monotonic: now.monotonic.advanced(by: .seconds(-40)),
                    wall: WallTime(millisecondsSince1970: 7), wallIsTrusted: false))
            await queue.holds(2)
            await pump.connected(true)
            await queue.holds(0)
        }
        let got = await hub.got
        #expect(
            got.map(\.createdAt) == [
                WallTime(millisecondsSince1970: 5), now.wall?.advanced(by: .seconds(-40)),
            ])
    }

    @Test(
        "Where the clock is set far after a sample, its date is corrected; what only runs on leaves it alone",
        arguments: [Duration.seconds(5 * 3_600), .seconds(-40 * 86_400), .seconds(2), .milliseconds(-300)])
    func corrected(step: Duration) async {
        let queue = MemoryQueue()
        let hub = FakeHub()
        let pump = pump(queue, hub)
        let now = time.now()
        let estimate = now.wall?.advanced(by: .zero - step)
        await running(pump) {
            await pump.offer(
                20, of: .workingSet, simulated: false,
                takenAt: Now(monotonic: now.monotonic, wall: estimate, wallIsTrusted: true))
            await queue.holds(1)
            await pump.connected(true)
            await queue.holds(0)
        }
        let isFar = step > .seconds(60) || step < .seconds(-60)
        #expect(await hub.got.map(\.createdAt) == [isFar ? now.wall : estimate])
    }

    @Test("A sample whose time nobody will ever know says so") func unknown() async {
        let queue = MemoryQueue(holding: 1)
        let hub = FakeHub()
        let pump = pump(queue, hub)
        await running(pump) {
            await pump.connected(true)
            await queue.holds(0)
        }
        #expect(await hub.got.first?.properties.contains(.init(name: "time", value: "unknown")) == true)
        #expect(await hub.got.first?.createdAt == nil)
    }

    @Test("A lost connection loses nothing; the next one gets every sample") func lost() async {
        let queue = MemoryQueue(holding: 40)
        let losses = Mutex(0)
        let hub = FakeHub { _ in
            losses.withLock { count in
                count += 1
                return count % 7 == 0 ? .lose : .take
            }
        }
        let pump = pump(queue, hub)
        await hub.reconnects(pump)
        await running(pump) {
            await pump.connected(true)
            await queue.holds(0)
        }
        #expect(Set(await hub.ids).count == 40)
    }

    @Test("A message that can never be sent is given up and counted, and the others go on") func refused()
        async
    {
        let queue = MemoryQueue(holding: 3)
        let hub = FakeHub { $0.messageID?.hasSuffix("-2") == true ? .refuse : .take }
        let pump = pump(queue, hub)
        await running(pump) {
            await pump.connected(true)
            await queue.holds(0)
        }
        #expect(await hub.ids == ["0000abcd-thermostat1-1", "0000abcd-thermostat1-3"])
        #expect(await pump.status.refused == 1)
    }

    @Test("A message that ends each connection is set aside; nothing else is held up by it") func poison()
        async
    {
        let queue = MemoryQueue(holding: 5)
        let hub = FakeHub { $0.messageID?.hasSuffix("-3") == true ? .lose : .take }
        let pump = pump(queue, hub)
        await hub.reconnects(pump)
        await running(pump) {
            await pump.connected(true)
            await queue.holds(1)
            while await queue.aside.isEmpty { await Task.yield() }
        }
        #expect(await queue.aside == [SampleKey(stream: "thermostat1", sequence: 3, series: "0000abcd")])
        #expect(await pump.status.aside == 1)
    }

    @Test("Several messages are under way at once") func window() async {
        let queue = MemoryQueue(holding: 500)
        let hub = FakeHub()
        let pump = pump(queue, hub)
        await running(pump) {
            await pump.connected(true)
            await queue.holds(0)
        }
        #expect(await hub.busiest > 1)
        #expect(await hub.busiest <= 64)
        #expect(await hub.ids.count == 500)
    }
}
