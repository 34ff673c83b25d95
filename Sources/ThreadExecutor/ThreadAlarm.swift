// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Wakes those who wait on the thread of a `ThreadExecutor`, by that thread's own `poll`.
///
/// `Task.sleep` needs a thread of Swift's shared pool to end; this needs none, so what must go on whatever happens
/// elsewhere waits here. To be attached to the executor before anybody waits.
package final class ThreadAlarm: PollSource, Sendable {
    private struct Sleeper {
        var deadline: Deadline
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var sleepers: [Int: Sleeper] = [:]
        var count = 0
    }

    private let state = Lock(State())

    /// Makes an alarm that nobody waits for.
    package init() {}

    /// There is none.
    package var descriptor: CInt? { nil }

    /// Nothing but time is waited for.
    package var interest: Interest { [] }

    /// When the first of those who wait is due.
    package var deadline: Deadline {
        state.withLock { $0.sleepers.values.map(\.deadline).min() ?? .never }
    }

    /// Wakes everybody who is due.
    package func ready(_ interest: Interest) {
        let now = Deadline.now
        let due = state.withLock { state in
            let due = state.sleepers.filter { $0.value.deadline <= now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.sorted { $0.value.deadline < $1.value.deadline }.map(\.value.continuation)
        }
        for continuation in due { continuation.resume(returning: true) }
    }

    /// Waits until `deadline`; throws when the task is cancelled first.
    ///
    /// To be called on the thread, else `whenWaiting` has to make it look: it is called as soon as the alarm is set. A task
    /// that is to stay there prefers it (`ThreadTaskExecutor`): a continuation comes back by the task's executor first, also
    /// where it then goes on in an actor, and without a preference that is the shared pool.
    package func sleep(
        until deadline: Deadline, whenWaiting: @Sendable () -> Void = {}
    ) async throws(CancellationError) {
        let id = state.withLock { state in
            state.count += 1
            return state.count
        }
        let isDue = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if Task.isCancelled { return true }
                    state.sleepers[id] = Sleeper(deadline: deadline, continuation: continuation)
                    return false
                }
                if isCancelled { continuation.resume(returning: false) } else { whenWaiting() }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id)?.continuation }?.resume(returning: false)
        }
        if !isDue { throw CancellationError() }
    }
}
