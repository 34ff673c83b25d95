// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
import Testing

@testable import ThreadExecutor

@Suite("PollSource", .timeLimit(.minutes(10)))
struct PollSourceTests {
    @Test("A readable descriptor is reported on the thread, where assumeIsolated holds")
    func readable() async {
        let worker = Worker(ThreadExecutor(name: "poll"))
        let pipe = Pipe()
        let (bytes, sink) = AsyncStream.makeStream(of: UInt8.self)
        await worker.attach { worker in
            let source = Source()
            source.descriptor = pipe.reader
            source.whenReady = { [unowned worker] _, interest in
                #expect(interest == .read)
                worker.assumeIsolated { $0.increment() }
                if let byte = pipe.read() { sink.yield(byte) }
            }
            return source
        }
        var reader = bytes.makeAsyncIterator()
        for value in UInt8(1)...20 {
            pipe.write(value)
            #expect(await reader.next() == value)
        }
        #expect(await worker.count == 20)
    }

    @Test(
        "Jobs run while the descriptor is always ready, and the descriptor is served while jobs keep coming")
    func fairness() async {
        let worker = Worker(ThreadExecutor(name: "fair"))
        let pipe = Pipe()
        await worker.attach { worker in
            let source = Source()
            source.descriptor = pipe.writer
            source.interest = .write
            source.whenReady = { [unowned worker] _, _ in worker.assumeIsolated { $0.increment() } }
            return source
        }
        for value in 0..<200 { await worker.record(value) }
        #expect(await worker.log.count == 200)
        #expect(await worker.count > 0)
        await worker.detach()
        let count = await worker.count
        #expect(await worker.count == count)
    }

    @Test("A deadline is met, not before its time, and again when moved")
    func deadline() async {
        let worker = Worker(ThreadExecutor(name: "timer"))
        let (ticks, sink) = AsyncStream.makeStream(of: Duration.self)
        let start = ContinuousClock.now
        let begun = Deadline.now
        await worker.attach { _ in
            let source = Source()
            source.deadline = begun + .milliseconds(20)
            source.whenReady = { source, interest in
                #expect(interest.isEmpty)
                sink.yield(start.duration(to: .now))
                source.deadline = begun + .milliseconds(50)
            }
            return source
        }
        var reader = ticks.makeAsyncIterator()
        #expect(await reader.next() ?? .zero >= .milliseconds(20))
        #expect(await reader.next() ?? .zero >= .milliseconds(50))
        await worker.detach()
    }

    @Test("What jobs leave to be settled is settled before the thread sleeps") func settle() async {
        let worker = Worker(ThreadExecutor(name: "settle"))
        let (settled, sink) = AsyncStream.makeStream(of: Int.self)
        await worker.attach { worker in
            let source = Source()
            source.whenSettled = { [unowned worker] in
                // Taken off the worker's count, so that each job is settled once.
                _ = worker.assumeIsolated { sink.yield($0.takeCount()) }
            }
            return source
        }
        var reader = settled.makeAsyncIterator()
        for round in 1...20 {
            await withDiscardingTaskGroup { group in
                for _ in 0..<round { group.addTask { await worker.increment() } }
            }
            var left = round
            while left > 0, let count = await reader.next() { left -= count }
            #expect(left == 0)
        }
        await worker.detach()
    }

    @Test("Hang-up of the other end is reported as readable")
    func hangUp() async {
        let worker = Worker(ThreadExecutor(name: "hup"))
        var ends: [CInt] = [-1, -1]
        pipe(&ends)
        let reader = ends[0]
        let (events, sink) = AsyncStream.makeStream(of: Interest.self)
        await worker.attach { _ in
            let source = Source()
            source.descriptor = reader
            source.interest = []
            source.whenReady = { source, interest in
                source.descriptor = nil
                sink.yield(interest)
                sink.finish()
            }
            return source
        }
        close(ends[1])
        var iterator = events.makeAsyncIterator()
        #expect(await iterator.next() == .read)
        await worker.detach()
        close(reader)
    }

    @Test("The poll timeout is rounded up and capped at an hour")
    func timeouts() {
        let now = Deadline.now
        #expect(Deadline.never.pollTimeout(from: now) == -1)
        #expect((now + .seconds(-5)).pollTimeout(from: now) == 0)
        #expect(now.pollTimeout(from: now) == 0)
        #expect((now + .seconds(90_000)).pollTimeout(from: now) == 3_600_000)
        #expect((now + .seconds(10)).pollTimeout(from: now) == 10_000)
        #expect((now + .microseconds(400)).pollTimeout(from: now) == 1)
        #expect((now + .microseconds(1_001)).pollTimeout(from: now) == 2)
        #expect(now + .seconds(Int64.max) == .never)
    }
}
