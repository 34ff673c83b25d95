// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities
package import ThreadExecutor

/// A time source for what runs on one thread: whoever waits there is woken there, with nothing of the shared pool between.
package struct ThreadTime: TimeSource {
    private let base: any TimeSource
    private let thread: ThreadExecutor
    private let alarm = ThreadAlarm()

    /// Takes the time of `base`, whose monotonic clock has to run as the machine's does.
    ///
    /// The thread may have no other poll source. Tasks that wait on it have to prefer it (`ThreadTaskExecutor`).
    package init(_ base: any TimeSource, on thread: ThreadExecutor) {
        self.base = base
        self.thread = thread
    }

    /// One look at the clocks.
    package func now() -> Now { base.now() }

    /// Waits until the monotonic clock reaches `deadline`; who is not on the thread waits as `base` does.
    package func sleep(until deadline: ContinuousClock.Instant) async throws(CancellationError) {
        guard thread.isCurrent else { return try await base.sleep(until: deadline) }
        thread.attach(alarm)
        let left = base.now().monotonic.duration(to: deadline)
        try await alarm.sleep(until: .now + left) { thread.signal() }
    }
}
