// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CEventFD
import Glibc
import Synchronization

/// One thread that runs the jobs of the actors on it, and waits on a descriptor between jobs.
///
/// For work that blocks (bus transfers, name resolution, disk) and for C libraries that want one thread. An actor
/// returns it from `nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }`
/// and must keep it alive.
///
/// The thread starts with the first job and lives until `shutdown()`; the executor stays alive as long as its
/// thread, so its owner calls `shutdown()`, most simply in `deinit`.
///
/// **A blocked thread at process exit.** The thread is detached and nothing ever joins it: `shutdown()` returns at
/// once even while a job blocks, and `exit` ends the process without waiting. A program that gives up on a job
/// stuck inside a C library leaves by `_exit` after flushing its own output, because the handlers that `exit` runs
/// may free what the stuck thread still uses.
package final class ThreadExecutor: SerialExecutor {
    /// The name for people; the kernel shows its first 15 bytes as the thread's name.
    package let name: String

    /// How often jobs may follow each other before the descriptor gets a look: a system call saved each time.
    private static let turnsPerPoll = 8

    private let queue = Lock(JobQueue())
    private let wake = WakeDescriptor()
    let alarm: ThreadAlarm?
    private let threadID = Atomic<UInt>(0)
    // Safety: read and written by the current thread only; one thread hands over to the next under the queue's lock.
    nonisolated(unsafe) private var source: (any PollSource)?

    /// Makes an executor whose thread carries `name`; `alarm` wakes it as well, beside any source.
    package init(name: String, alarm: ThreadAlarm? = nil) {
        self.name = name
        self.alarm = alarm
    }

    /// Whether the caller runs on this executor's thread.
    package var isCurrent: Bool { threadID.load(ordering: .relaxed) == UInt(pthread_self()) }

    /// Runs `job` after all that were enqueued before it; callable from any thread.
    ///
    /// After `shutdown()` too: the thread then comes back for the late jobs and ends again.
    package func enqueue(_ job: consuming ExecutorJob) {
        enqueue(UnownedJob(job), by: .actor)
    }

    func enqueue(_ job: UnownedJob, by way: JobQueue.Way) {
        // Callers hold executors unowned: once the job is in, it may run to its end on the thread and free the last
        // owner of this object while this method still has to wake that thread.
        let keep = Unmanaged.passRetained(self)
        defer { keep.release() }
        perform(queue.withLock { $0.append(JobQueue.Entry(job: job, way: way)) })
    }

    /// Lets the thread end once every job enqueued so far has run; returns at once.
    ///
    /// The poll source is dropped with the thread. No job is ever lost: one that is enqueued later, such as the rest
    /// of an actor's method that was suspended meanwhile, starts a new thread that ends when nothing is left.
    package func shutdown() { perform(queue.withLock { $0.close() }) }

    /// Waits for `source` between jobs from now on, in place of any earlier one; held strongly until `detach`.
    ///
    /// To be called on the executor.
    package func attach(_ source: any PollSource) {
        checkIsolated()
        self.source = source
    }

    /// Waits for jobs only from now on; to be called on the executor.
    package func detach() {
        checkIsolated()
        source = nil
    }

    /// Has the thread call `ready` of its source soon, with an empty set; callable from any thread.
    ///
    /// Cheaper than a job, for a source with a mailbox of its own: any number of signals before the call are one.
    package func signal() { perform(queue.withLock { $0.signal() }) }

    /// Traps unless called on the executor's thread, also outside any job (SE-0424).
    package func checkIsolated() {
        // The contract of this requirement is to stop the program where isolation is claimed wrongly.
        precondition(isCurrent, "not on the thread of executor \(name)")
    }

    /// Whether the caller is isolated to this executor (SE-0471).
    package func isIsolatingCurrentContext() -> Bool? { isCurrent }

    private func perform(_ duty: JobQueue.Duty) {
        switch duty {
        case .nothing: break
        // The thread itself counts as asleep until it takes jobs again, but need not be told.
        case .wakeThread: if !isCurrent { wake.signal() }
        case .startThread: startThread()
        }
    }

    private func startThread() {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, &attributes,
            { context in
                guard let context else { return nil }
                Unmanaged<ThreadExecutor>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        // Jobs are waiting and nobody else may run them; Swift's own runtime stops likewise when it gets no threads.
        precondition(code == 0, "cannot start thread \(name) (errno \(code)); raise the limit of threads")
    }

    /// The thread: batches of jobs, and between them a look at, or a sleep in, `poll`.
    private func run() {
        sensor_agent_name_thread(name)
        threadID.store(UInt(pthread_self()), ordering: .relaxed)
        becomeCurrent()
        var batch: [JobQueue.Entry] = []
        var turnsSincePoll = 0
        while true {
            let isSignalled = queue.withLock { $0.take(into: &batch) }
            for entry in batch {
                switch entry.way {
                case .actor: entry.job.runSynchronously(on: asUnownedSerialExecutor())
                case .preference(let executor): entry.job.runSynchronously(on: executor)
                case .shared: SharedThread.run(entry.job)
                }
            }
            batch.removeAll(keepingCapacity: true)
            if isSignalled { source?.ready([]) }
            switch pause() {
            case .end: return
            case .sleep:
                wait(isAllowed: true)
                turnsSincePoll = 0
            case .look where turnsSincePoll == Self.turnsPerPoll:
                if source != nil || alarm != nil { wait(isAllowed: false) }
                turnsSincePoll = 0
            case .look: turnsSincePoll += 1
            }
        }
    }

    private func pause() -> JobQueue.Pause {
        // Released only after the lock: a source that goes away may end in `shutdown()` of this very executor.
        var last: (any PollSource)?
        let pause = queue.withLock { queue in
            let pause = queue.pause()
            if pause == .end {
                swap(&last, &source)
                threadID.store(0, ordering: .relaxed)
            }
            return pause
        }
        return withExtendedLifetime(last) { pause }
    }

    private func wait(isAllowed: Bool) {
        source?.settle()
        let source = source
        let interest = source?.interest ?? []
        // `poll` skips an entry whose descriptor is negative.
        var entries = (
            pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: source?.descriptor ?? -1, events: interest.pollEvents, revents: 0)
        )
        let deadline = min(source?.deadline ?? .never, alarm?.deadline ?? .never)
        let timeout = isAllowed ? Self.pollTimeout(until: deadline) : 0
        let count = withUnsafeMutableBytes(of: &entries) { bytes in
            // EINTR counts as "nothing happened": the caller comes round again.
            poll(bytes.baseAddress?.assumingMemoryBound(to: pollfd.self), 2, timeout)
        }
        if count > 0, entries.0.revents != 0 { wake.reset() }
        if let alarm, alarm.deadline <= .now { alarm.ready([]) }
        guard let source else { return }
        let found = count > 0 ? Interest(pollEvents: entries.1.revents) : []
        if !found.isEmpty {
            source.ready(found)
        } else if source.deadline <= .now {
            source.ready([])
        }
    }

    private static func pollTimeout(until deadline: Deadline) -> CInt {
        // No look at the clock where there is nothing to wait for.
        deadline == .never ? -1 : deadline.pollTimeout(from: .now)
    }
}

extension Interest {
    fileprivate var pollEvents: Int16 {
        (contains(.read) ? Int16(POLLIN) : 0) | (contains(.write) ? Int16(POLLOUT) : 0)
    }

    fileprivate init(pollEvents: Int16) {
        self = []
        // A failed or closed descriptor, even an invalid one, is a reading matter: the read tells what happened.
        if pollEvents & Int16(POLLIN | POLLERR | POLLHUP | POLLNVAL) != 0 { insert(.read) }
        if pollEvents & Int16(POLLOUT) != 0 { insert(.write) }
    }
}
