// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What callers and the thread of a `ThreadExecutor` share, kept under one lock.
struct JobQueue: Sendable {
    /// What the caller who added a job or closed the queue has to do after releasing the lock.
    enum Duty { case nothing, wakeThread, startThread }

    /// What the thread does after it has run a batch.
    enum Pause { case look, sleep, end }

    /// How a job came here, and so has to be run.
    enum Way: Sendable {
        /// It is one of an actor on this thread.
        case actor
        /// Its task prefers this thread.
        case preference(UnownedTaskExecutor)
        /// It has no executor of its own; see ``SharedThread``.
        case shared
    }

    /// A job and the way it came.
    struct Entry: Sendable {
        let job: UnownedJob
        let way: Way
    }

    private var jobs: [Entry] = []
    private var hasThread = false
    private var isAsleep = false
    private var isClosed = false
    private var isSignalled = false

    /// Adds a job; the thread needs a nudge only when it sleeps.
    mutating func append(_ job: Entry) -> Duty {
        jobs.append(job)
        return nudge()
    }

    /// Lets the thread end as soon as nothing is left to run.
    mutating func close() -> Duty {
        isClosed = true
        return hasThread ? nudge() : .nothing
    }

    /// Asks for a call of the source.
    mutating func signal() -> Duty {
        isSignalled = true
        return hasThread ? nudge() : .nothing
    }

    /// Moves all waiting jobs into `batch`, which must be empty and whose storage is used again; true when signalled.
    mutating func take(into batch: inout [Entry]) -> Bool {
        defer { isSignalled = false }
        isAsleep = false
        swap(&jobs, &batch)
        return isSignalled
    }

    /// Decides, after a batch, whether the thread may sleep; `isAsleep` is set before `poll`, so no job is missed.
    mutating func pause() -> Pause {
        guard jobs.isEmpty, !isSignalled else { return .look }
        if isClosed {
            hasThread = false
            return .end
        }
        isAsleep = true
        return .sleep
    }

    private mutating func nudge() -> Duty {
        guard hasThread else {
            hasThread = true
            return .startThread
        }
        guard isAsleep else { return .nothing }
        isAsleep = false
        return .wakeThread
    }
}
