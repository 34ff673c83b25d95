// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// The machine's clocks.
///
/// Monotonic: Swift's continuous clock, on Linux `CLOCK_BOOTTIME`. Civil: `CLOCK_REALTIME`.
package struct LinuxClock: TimeSource {
    /// Makes the clock; `root` is where `/run` is looked for.
    package init(root: String = "/") {}

    /// One look at the clocks.
    package func now() -> Now { Now(monotonic: ContinuousClock.now, wall: nil, wallIsTrusted: false) }

    /// Waits until the monotonic clock reaches `deadline`; throws when the task is cancelled first.
    package func sleep(until deadline: ContinuousClock.Instant) async throws(CancellationError) {
        do {
            try await Task.sleep(until: deadline, clock: .continuous)
        } catch {
            throw CancellationError()
        }
    }
}
