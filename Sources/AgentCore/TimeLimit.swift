// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

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
