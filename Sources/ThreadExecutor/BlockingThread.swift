// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A thread for calls that may not return, such as those to a disk or a chip that hangs: it holds up nobody but who waits.
///
/// It starts with the first call, and ends when this object goes away and the last call has returned.
package actor BlockingThread {
    private nonisolated let executor: ThreadExecutor
    /// Has a whole task run on the thread, and wait there too; to be kept alive as long as such a task runs.
    package nonisolated let preference: ThreadTaskExecutor

    /// The executor of the thread.
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Makes the thread's name known; nothing runs yet.
    package init(name: String) {
        executor = ThreadExecutor(name: name, alarm: ThreadAlarm())
        preference = ThreadTaskExecutor(executor)
    }

    deinit { executor.shutdown() }

    /// Calls `body` on the thread, after what was asked for before.
    package func run<Value: Sendable>(_ body: @Sendable () -> Value) -> Value { body() }
}
