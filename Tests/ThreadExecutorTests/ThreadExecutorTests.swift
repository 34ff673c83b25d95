// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
import Synchronization
import Testing

@testable import ThreadExecutor

@Suite("ThreadExecutor", .timeLimit(.minutes(10)))
struct ThreadExecutorTests {
    @Test("An actor's methods run on the executor's one thread, which carries its name")
    func oneThread() async {
        let worker = Worker(ThreadExecutor(name: "a-rather-long-name"))
        let first = await worker.threadID()
        for _ in 0..<50 {
            #expect(await worker.threadID() == first)
            #expect(await worker.isOnThread())
        }
        let name = await worker.run { () -> String in
            let file = fopen("/proc/thread-self/comm", "r")
            defer { if let file { fclose(file) } }
            var bytes = [UInt8](repeating: 0, count: 32)
            let count = file.map { fread(&bytes, 1, 32, $0) } ?? 0
            return String(decoding: bytes.prefix(count), as: UTF8.self)
        }
        #expect(name == "a-rather-long-n\n")
    }

    @Test("Jobs from one task keep their order")
    func order() async {
        let worker = Worker(ThreadExecutor(name: "order"))
        for value in 0..<500 { await worker.record(value) }
        #expect(await worker.log == Array(0..<500))
    }

    @Test("Increments from many tasks are all there and none is torn")
    func manyTasks() async {
        let worker = Worker(ThreadExecutor(name: "many"))
        await withTaskGroup { group in
            for _ in 0..<16 {
                group.addTask { for _ in 0..<1000 { await worker.increment() } }
            }
        }
        #expect(await worker.count == 16_000)
    }

    @Test("Two executors do not wait for each other")
    func independent() async {
        let blocked = Worker(ThreadExecutor(name: "blocked"))
        let free = Worker(ThreadExecutor(name: "free"))
        let pipe = Pipe()
        async let byte = blocked.run { pipe.read() }
        await free.increment()
        #expect(await free.count == 1)
        pipe.write(7)
        #expect(await byte == 7)
    }

    @Test("A job that is enqueued after shutdown still runs, on the executor")
    func afterShutdown() async {
        let executor = ThreadExecutor(name: "late")
        let worker = Worker(executor)
        await worker.increment()
        for round in 1...200 {
            executor.shutdown()
            await worker.increment()
            #expect(await worker.count == round + 1)
            #expect(await worker.isOnThread())
        }
    }

    @Test("Shutdown returns at once while a job blocks, and the job goes on")
    func shutdownWhileBlocked() async {
        let executor = ThreadExecutor(name: "stuck")
        let worker = Worker(executor)
        let pipe = Pipe()
        async let byte = worker.run { pipe.read() }
        executor.shutdown()
        pipe.write(1)
        #expect(await byte == 1)
    }

    @Test("The executor is freed when its actor is gone and the thread has ended")
    func freed() async {
        let (ended, end) = AsyncStream.makeStream(of: Void.self)
        final class Token: PollSource {
            let end: AsyncStream<Void>.Continuation
            var descriptor: CInt? { nil }
            var interest: Interest { [] }
            var deadline: Deadline { .never }
            init(_ end: AsyncStream<Void>.Continuation) { self.end = end }
            deinit { end.finish() }
            func ready(_ interest: Interest) {}
        }
        do {
            let worker = Worker(ThreadExecutor(name: "short"))
            await worker.attach { _ in Token(end) }
        }
        // Ends only when the thread has dropped its source, which it does as it leaves.
        for await _ in ended {}
    }

    @Test("Isolation is known on the thread and denied elsewhere")
    func isolation() async {
        let executor = ThreadExecutor(name: "isolation")
        let worker = Worker(executor)
        #expect(executor.isIsolatingCurrentContext() == false)
        #expect(await worker.run { executor.isIsolatingCurrentContext() } == true)
        executor.shutdown()
        _ = await worker.count
        #expect(!executor.isCurrent)
    }

    @Test("An idle executor uses no processor time")
    func idle() async {
        let worker = Worker(ThreadExecutor(name: "idle"))
        let source = Pipe()
        await worker.attach { _ in
            let poll = Source()
            poll.descriptor = source.reader
            return poll
        }
        let (ticks, tick) = AsyncStream.makeStream(of: Void.self)
        let before = await worker.run { Self.threadTime() }
        await worker.attach { _ in
            let timer = Source()
            timer.deadline = .now + .milliseconds(300)
            timer.whenReady = { source, _ in
                source.deadline = .never
                tick.finish()
            }
            return timer
        }
        for await _ in ticks {}
        let used = await worker.run { Self.threadTime() } - before
        #expect(used < .milliseconds(100))
    }

    private static func threadTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
