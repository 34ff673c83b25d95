// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Dispatch
import Logging
import PlugAndPlay
import Quantities
import StateStore
import TestClocks
import Testing
import ThreadExecutor

@testable import AgentCore

@Suite("Nothing delays a relay", .timeLimit(.minutes(10))) struct RelayDelayTests {
    @Test("Without a reader of its notices the loop goes on, however many there are") func noReader() async {
        let rig = RelayRig()
        for step in 0..<3_000 {
            _ = await rig.loop.set(target: 20 + Double(step % 2), mode: nil, of: .thermostat1)
        }
        await rig.run(from: 0, to: 184, celsius: 15)
        #expect(rig.lines.sets(of: RelayRig.line).last == true)
    }

    @Test("A store that hangs and a cloud that never answers hold up no tick, and not the end either")
    func stuck() async throws {
        let rig = RelayRig()
        let executor = ThreadExecutor(name: "stuck store")
        let store = await StateStore.open(.memory, executor: executor, at: nil)
        let door = DispatchSemaphore(value: 0)
        let blocker = Blocker(executor)
        let blocked = Task { await blocker.wait(for: door) }
        let (asked, ask) = AsyncStream<Void>.makeStream()
        let (never, keep) = AsyncStream<Void>.makeStream()
        let service = ControlService(
            control: rig.loop, store: store, time: rig.time, log: LogLines().logger
        ) { _, _ in
            ask.yield()
            for await _ in never {}
        }
        let running = Task { await service.run(until: Ending()) }
        _ = await rig.loop.set(target: 21, mode: nil, of: .thermostat1)
        for await _ in asked { break }
        for second in 1...184 {
            await rig.time.sleepers(at: [.seconds(second)])
            if second.isMultiple(of: 8) { await rig.sample(15 + Double(second % 3) * 0.01) }
            rig.time.advance(to: .seconds(second))
        }
        await rig.time.sleepers(at: [.seconds(185)])
        #expect(rig.lines.sets(of: RelayRig.line).last == true)

        rig.time.advance(to: .milliseconds(184_500))
        running.cancel()
        // Waits at most a second for the store and the cloud; by then the relay is off.
        await rig.time.sleepers(at: [.milliseconds(185_500)])
        #expect(rig.lines.calls.last == .release(RelayRig.line))
        #expect(rig.lines.sets(of: RelayRig.line).last == false)
        rig.time.advance(to: .seconds(186))
        await running.value
        keep.finish()
        door.signal()
        await blocked.value
        await store.close()
        executor.shutdown()
    }

    /// Holds the store's thread as a disk does that does not answer.
    private actor Blocker {
        private nonisolated let executor: ThreadExecutor
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        init(_ executor: ThreadExecutor) { self.executor = executor }

        func wait(for door: DispatchSemaphore) { door.wait() }
    }
}
