// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Synchronization
import Testing

@testable import ThreadExecutor

/// Executors that come and go under load: a fault here is a crash or a hang, seldom a wrong number.
@Suite("ThreadExecutor lifetime", .timeLimit(.minutes(10)))
struct LifetimeTests {
    @Test("Actors that die with their only call, made from the threads of other executors")
    func temporary() async {
        let done = Counter()
        await withTaskGroup { group in
            for lane in 0..<8 {
                group.addTask {
                    let caller = Caller(ThreadExecutor(name: "caller-\(lane)"))
                    for _ in 0..<250 {
                        await caller.callTemporary { done.increment() }
                    }
                }
            }
        }
        #expect(done.value == 2000)
    }

    @Test("Calls from many tasks are all answered while the executor is shut down again and again")
    func shutdownUnderLoad() async {
        for _ in 0..<20 {
            let executor = ThreadExecutor(name: "contended")
            let worker = Worker(executor)
            await withTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask { for _ in 0..<50 { await worker.increment() } }
                    group.addTask {
                        for _ in 0..<50 {
                            executor.shutdown()
                            executor.signal()
                            await Task.yield()
                        }
                    }
                }
            }
            #expect(await worker.count == 400)
        }
    }

    @Test("The last owner lets go on the executor's own thread, in a job that it started")
    func lastOwnerOnOwnThread() async {
        for _ in 0..<500 {
            let (ended, end) = AsyncStream.makeStream(of: Void.self)
            do {
                let worker = Worker(ThreadExecutor(name: "own"))
                // The task alone keeps the actor, and drops it where the actor's job has run.
                Task { await worker.run { end.finish() } }
            }
            for await _ in ended {}
        }
    }

    @Test("A task wakes up on a thread that has ended and is its executor's last owner")
    func lastOwnerWakesUp() async {
        let done = Counter()
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<1000 {
                        let (task, gate) = Self.sleeper(done)
                        await Task.yield()
                        gate.finish()
                        await task.value
                    }
                }
            }
        }
        #expect(done.value == 4000)
    }

    /// A task that alone owns its executor, which is shut down, and sleeps until the gate is finished.
    private static func sleeper(_ done: Counter) -> (Task<Void, Never>, AsyncStream<Void>.Continuation) {
        let executor = ThreadExecutor(name: "sleeper")
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let task = Task(executorPreference: ThreadTaskExecutor(executor)) {
            for await _ in gate {}
            done.increment()
        }
        executor.shutdown()
        return (task, open)
    }

    @Test("Tasks that prefer a thread keep its executor until they have ended")
    func preference() async {
        for _ in 0..<300 {
            let executor = ThreadExecutor(name: "preferred")
            let task = Task(executorPreference: ThreadTaskExecutor(executor)) {
                await Task.yield()
                return executor.isCurrent
            }
            executor.shutdown()
            #expect(await task.value)
        }
    }
}

/// A number that any thread may raise.
private final class Counter: Sendable {
    private let count = Atomic(0)
    var value: Int { count.load(ordering: .relaxed) }
    func increment() { count.add(1, ordering: .relaxed) }
}

/// An actor whose thread makes other actors.
private actor Caller {
    private let executor: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(_ executor: ThreadExecutor) { self.executor = executor }

    deinit { executor.shutdown() }

    func callTemporary(_ body: @Sendable () -> Void) async {
        await Worker(ThreadExecutor(name: "temporary")).run(body)
    }
}
