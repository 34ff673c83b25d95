// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Logging
import StateStore
import Synchronization
import TestClocks
import Testing
import ThreadExecutor

@testable import AgentCore

@Suite(.timeLimit(.minutes(10))) struct StoreQueueTests {
    @Test("A slow store gets the newest of each kind, in the order in which the kinds came")
    func newest() async {
        let store = await StateStore.open(.memory, executor: ThreadExecutor(name: "test"), at: nil)
        let queue = StoreQueue()
        let done = Mutex<[String]>([])
        for number in 1...1_000 {
            queue.add("target") { _ in done.withLock { $0.append("target \(number)") } }
            queue.add("version") { _ in done.withLock { $0.append("version \(number)") } }
        }
        #expect(queue.count == 2)
        let running = Task { await queue.run(on: store, time: SteppedTime(), log: Logger(label: "test")) }
        await queue.drain()
        #expect(done.withLock { $0 } == ["target 1000", "version 1000"])
        queue.add("target") { _ in done.withLock { $0.append("target 1001") } }
        await queue.drain()
        #expect(done.withLock { $0.last } == "target 1001")
        running.cancel()
        await running.value
        await store.close()
    }

    @Test("A write that fails holds up none behind it")
    func failure() async {
        struct Broken: Error {}
        let store = await StateStore.open(.memory, executor: ThreadExecutor(name: "test"), at: nil)
        let queue = StoreQueue()
        let running = Task {
            await queue.run(
                on: store, time: SteppedTime(), log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }
        queue.add("a") { _ in throw Broken() }
        await queue.drain()
        #expect(queue.count == 0)
        running.cancel()
        await running.value
        await store.close()
    }

    @Test("What a failing disk does not take is tried again, the newest of each kind and in order")
    func failingDisk() async {
        let store = await StateStore.open(.memory, executor: ThreadExecutor(name: "test"), at: nil)
        let (queue, time) = (StoreQueue(), SteppedTime())
        let stored = Mutex<[String]>([])
        let isBroken = Mutex(true)
        let (lines, line) = AsyncStream.makeStream(of: Void.self)
        @Sendable func write(_ kind: String, _ value: Int) {
            queue.add(kind) { _ in
                guard isBroken.withLock({ !$0 }) else {
                    throw StoreError(.inputOutput, operation: "store", location: "disk")
                }
                stored.withLock { $0.append("\(kind) \(value)") }
                line.yield()
            }
        }
        let running = Task {
            await queue.run(
                on: store, time: time, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }
        write("target", 1)
        write("version", 1)
        await queue.drain()
        write("target", 2)
        await queue.drain()
        #expect(stored.withLock { $0.isEmpty })
        #expect(queue.count == 2)
        isBroken.withLock { $0 = false }
        let advancing = Task {
            // One alarm, however often it failed.
            await time.sleepers(at: [StoreQueue.pause])
            time.advance(to: StoreQueue.pause)
        }
        var iterator = lines.makeAsyncIterator()
        for _ in 0..<2 { await iterator.next() }
        #expect(stored.withLock { $0 } == ["target 2", "version 1"])
        await queue.drain()
        #expect(queue.count == 0)
        advancing.cancel()
        running.cancel()
        await running.value
        await store.close()
    }
}
