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

/// What may hold up a pump, or keep it busy, without an error of anybody.
@Suite("Telemetry pump, held up", .timeLimit(.minutes(10))) struct TelemetryPumpStallTests {
    private let time = SteppedTime()
    private let got: AsyncStream<TelemetryMessage>
    private let sink: AsyncStream<TelemetryMessage>.Continuation

    init() { (got, sink) = AsyncStream.makeStream(of: TelemetryMessage.self) }

    private func pump(_ queue: MemoryQueue, mayReplay: Bool = true) -> TelemetryPump {
        TelemetryPump(
            settings: .init(bootID: "now", bootTime: time.start, limits: .init(replayRate: 1_000)),
            queue: queue, time: time, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            mayReplay: { mayReplay }
        ) { [sink] message in sink.yield(message) }
    }

    private func running(_ pump: TelemetryPump, _ body: () async throws -> Void) async rethrows {
        let task = Task { await pump.run() }
        try await body()
        task.cancel()
        await task.value
    }

    @Test("A read of old messages that hangs holds up no live one, and repeats none when it comes back")
    func hangingRead() async {
        let queue = MemoryQueue(holding: 2)
        let pump = pump(queue)
        await queue.hang(true)
        await running(pump) {
            await pump.connected(true)
            await pump.offer(21, of: .temperature(of: .thermostat1), simulated: false, takenAt: time.now())
            var reader = got.makeAsyncIterator()
            #expect(await reader.next()?.messageID == "0000abcd-thermostat1-3")
            await queue.holds(2)
            await queue.hang(false)
            await queue.holds(0)
        }
        sink.finish()
        #expect(await got.reduce(0) { count, _ in count + 1 } == 2)
    }

    @Test(
        "A live sample that had to wait for the store carries its own time, one that did not needs none",
        arguments: [(Duration.seconds(1), false), (.seconds(30), true)])
    func lateStore(age: Duration, isDated: Bool) async {
        let pump = pump(MemoryQueue())
        time.setWall(WallTime(millisecondsSince1970: 1_795_435_200_000))
        let taken = time.now()
        time.advance(to: age)
        await running(pump) {
            await pump.connected(true)
            await pump.offer(21, of: .temperature(of: .thermostat1), simulated: false, takenAt: taken)
            var reader = got.makeAsyncIterator()
            #expect(await reader.next()?.createdAt == (isDated ? taken.wall : nil))
        }
    }

    @Test("What was set aside goes out after its rest, also on a connection that never ends") func rest()
        async
    {
        let queue = MemoryQueue(holding: 1)
        await queue.setAside(
            [SampleKey(stream: "thermostat1", sequence: 1, series: "0000abcd")], until: .zero, bootID: "")
        let pump = pump(queue)
        await running(pump) {
            await pump.connected(true)
            while await queue.reads == 0 { await Task.yield() }
            await time.sleepers(at: [.seconds(60)])
            await queue.endRest()
            time.advance(to: .seconds(60))
            await queue.holds(0)
        }
    }

    @Test("While nothing may be replayed one timer looks again, however many live messages go out")
    func oneTimer() async {
        let queue = MemoryQueue(holding: 1)
        let pump = pump(queue, mayReplay: false)
        await running(pump) {
            var reader = got.makeAsyncIterator()
            await pump.connected(true)
            // The next move to the disk, and one look.
            await time.sleepers(at: [.seconds(60), .seconds(60)])
            for second in 1...5 {
                time.advance(to: .seconds(second))
                await pump.offer(
                    21, of: .temperature(of: .thermostat1), simulated: false, takenAt: time.now())
                #expect(await reader.next() != nil)
            }
            await time.sleepers(at: [.seconds(60), .seconds(60)])
        }
    }
}
