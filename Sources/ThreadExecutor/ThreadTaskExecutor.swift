// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Lets whole tasks prefer the thread of a `ThreadExecutor`, in place of the shared pool (SE-0417).
///
/// A task that talks much with actors on that thread saves two thread switches per call this way. For tasks that
/// never block, on an executor whose own jobs never block.
package final class ThreadTaskExecutor: TaskExecutor {
    private let thread: ThreadExecutor

    /// Makes the preference for the thread of `thread`; to be kept alive as long as tasks prefer it.
    package init(_ thread: ThreadExecutor) { self.thread = thread }

    /// Runs `job` on the thread, in order with all other jobs there.
    package func enqueue(_ job: consuming ExecutorJob) {
        thread.enqueue(UnownedJob(job), by: .preference(asUnownedTaskExecutor()))
    }
}
