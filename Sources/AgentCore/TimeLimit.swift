// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// Waits for `work`, at most `limit`; what takes longer is cancelled and left behind, even where it cannot be stopped.
///
/// A cancelled caller waits all the same: this is how the end of something is given its time. The work begins on
/// `executor`, without one on the shared pool.
func limited(
    to limit: Duration, _ time: any TimeSource, on executor: (any TaskExecutor)? = nil,
    _ work: @escaping @Sendable () async -> Void
) async {
    let end = Signal()
    let worker = Task(executorPreference: executor) {
        await work()
        end.send()
    }
    let timer = Task {
        try? await time.sleep(for: limit)
        end.send()
    }
    await Task(executorPreference: executor) { _ = await end.wait() }.value
    worker.cancel()
    timer.cancel()
}

/// The value of a task, where it comes before `deadline`; the task goes on in any case.
package func value<Value: Sendable>(
    of task: Task<Value, Never>, by deadline: ContinuousClock.Instant, _ time: any TimeSource
) async -> Value? {
    let values = AsyncStream<Value?>.makeStream(bufferingPolicy: .bufferingOldest(1))
    let reader = Task { values.continuation.yield(await task.value) }
    let timer = Task {
        do { try await time.sleep(until: deadline) } catch { return }
        values.continuation.yield(nil)
    }
    defer {
        reader.cancel()
        timer.cancel()
    }
    for await value in values.stream { return value }
    return nil
}
