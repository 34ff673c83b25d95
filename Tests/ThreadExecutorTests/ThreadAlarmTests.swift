// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import ThreadExecutor

@Suite("ThreadAlarm", .timeLimit(.minutes(10)))
struct ThreadAlarmTests {
    private let alarm = ThreadAlarm()
    private let executor: ThreadExecutor

    init() { executor = ThreadExecutor(name: "alarm", alarm: alarm) }

    private func sleep(_ duration: Duration) async throws(CancellationError) {
        try await alarm.sleep(until: .now + duration) { [executor] in executor.signal() }
    }

    @Test("It wakes those who wait elsewhere, each not before its time, whatever the order of asking")
    func order() async throws {
        let worker = Worker(executor)
        await worker.increment()
        let start = ContinuousClock.now
        let passed = await withTaskGroup { group in
            for milliseconds in [60, 20, 40] {
                group.addTask {
                    try? await sleep(.milliseconds(milliseconds))
                    return (milliseconds, start.duration(to: .now))
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(passed.allSatisfy { .milliseconds($0.0) <= $0.1 })
        #expect(passed.count == 3)
        withExtendedLifetime(worker) {}
    }

    @Test("It wakes beside a source on the same thread, and the source is served meanwhile")
    func besideSource() async throws {
        let worker = Worker(executor)
        let pipe = Pipe()
        let (bytes, sink) = AsyncStream.makeStream(of: UInt8.self)
        await worker.attach { _ in
            let source = Source()
            source.descriptor = pipe.reader
            source.whenReady = { _, interest in
                // Whoever sets the alarm makes the thread look at the source too.
                if interest == .read, let byte = pipe.read() { sink.yield(byte) }
            }
            return source
        }
        let start = ContinuousClock.now
        async let slept: Void = sleep(.milliseconds(50))
        pipe.write(7)
        var reader = bytes.makeAsyncIterator()
        #expect(await reader.next() == 7)
        try await slept
        #expect(start.duration(to: .now) >= .milliseconds(50))
        withExtendedLifetime(worker) {}
    }

    @Test("A wait that is cancelled ends at once and leaves nothing to wake up for") func cancel() async {
        let waiting = Task { try await sleep(.seconds(3_600)) }
        while alarm.deadline == .never { await Task.yield() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(alarm.deadline == .never)
    }

    @Test("A task that prefers a thread with an alarm waits there, and others are not asked") func preferred()
        async throws
    {
        let executor = executor
        let alarm = alarm
        let preference = ThreadTaskExecutor(executor)
        let start = ContinuousClock.now
        let waiting = Task(executorPreference: preference) {
            try await SharedThread.sleep(until: start.advanced(by: .milliseconds(20)))
            return executor.isCurrent
        }
        while alarm.deadline == .never, ContinuousClock.now < start.advanced(by: .milliseconds(20)) {
            await Task.yield()
        }
        #expect(alarm.deadline != .never || start.duration(to: .now) >= .milliseconds(20))
        #expect(try await waiting.value)
        #expect(start.duration(to: .now) >= .milliseconds(20))
        withExtendedLifetime(preference) {}
    }

    @Test("A task that is on such a thread by an actor alone is woken as well", .timeLimit(.minutes(10)))
    func byActor() async throws {
        let sleeper = Sleeper(executor)
        for _ in 0..<50 { try await sleeper.sleep(.milliseconds(1)) }
    }

    private actor Sleeper {
        private let executor: ThreadExecutor

        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        init(_ executor: ThreadExecutor) { self.executor = executor }

        func sleep(_ duration: Duration) async throws {
            try await SharedThread.sleep(until: .now + duration)
        }
    }

    @Test("The shared thread waits also where it has not taken over, and the wait can be cancelled")
    func shared() async throws {
        let start = ContinuousClock.now
        try await SharedThread.sleep(until: start.advanced(by: .milliseconds(20)))
        #expect(start.duration(to: .now) >= .milliseconds(20))
        let waiting = Task { try await SharedThread.sleep(until: .now + .seconds(3_600)) }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }
}
