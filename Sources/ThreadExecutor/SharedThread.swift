// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CTaskHooks
import Synchronization

/// One thread for everything that has no executor of its own, and for its waiting; in place of the runtime's pool.
///
/// The pool of Swift's runtime is libdispatch's: a timer there wakes a manager's thread and then a worker's, and as long as
/// there is a worker, it looks after it every second. A program that mostly waits sleeps longer here. For programs whose
/// tasks never block outside executors of their own.
///
/// Safety: a job is one pointer, in C as in Swift; the casts between both change nothing.
package enum SharedThread {
    private static let alarm = ThreadAlarm()
    /// The executor of the thread, for what talks much with tasks that have none of their own.
    package static let executor = ThreadExecutor(name: "agent", alarm: alarm)
    private static let hasTakenOver = Atomic(false)

    /// Takes the place of the pool for the rest of the process; to be called before any task has waited for anything.
    package static func takeOver() {
        ctaskhooks_install { job in
            guard let job else { return }
            SharedThread.executor.enqueue(unsafeBitCast(job, to: UnownedJob.self), by: .shared)
        }
        hasTakenOver.store(true, ordering: .releasing)
    }

    /// Waits until `deadline` on this thread where it has taken over, else as the pool does; throws when the task is
    /// cancelled first.
    ///
    /// A task that prefers the thread of an executor with an alarm waits there instead, and wakes no second thread. A wait
    /// that is cancelled wakes nobody later, other than one of `Task.sleep`.
    package static func sleep(until deadline: ContinuousClock.Instant) async throws(CancellationError) {
        let left = ContinuousClock.now.duration(to: deadline)
        if let executor = ThreadExecutor.current, let alarm = executor.alarm {
            // A task that is on the thread by its actor alone sets the alarm from elsewhere.
            return try await alarm.sleep(until: .now + left) { executor.signal() }
        }
        guard hasTakenOver.load(ordering: .acquiring) else {
            do { try await Task.sleep(until: deadline, clock: .continuous) } catch {
                throw CancellationError()
            }
            return
        }
        try await alarm.sleep(until: .now + left) { executor.signal() }
    }

    /// Runs a job that came to the pool.
    static func run(_ job: UnownedJob) {
        ctaskhooks_run(unsafeBitCast(job, to: UnsafeMutableRawPointer.self))
    }
}
