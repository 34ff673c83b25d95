// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities
import Synchronization

/// Clocks that stand still until a test moves them or somebody waits, and then jump to the end of the wait.
package final class VirtualTime: TimeSource {
    private let state: Mutex<Now>

    /// Makes clocks that begin now, or show this civil time.
    package init(wall: WallTime? = WallTime(millisecondsSince1970: 1_700_000_000_000), isTrusted: Bool = true)
    {
        state = Mutex(Now(monotonic: ContinuousClock.now, wall: wall, wallIsTrusted: isTrusted))
    }

    /// The monotonic clock.
    package var instant: ContinuousClock.Instant { state.withLock(\.monotonic) }

    /// One look at the clocks.
    package func now() -> Now { state.withLock(\.self) }

    /// Moves the clocks.
    package func advance(by duration: Duration) { advance(to: instant.advanced(by: duration)) }

    /// Jumps to the end of the wait; throws where the task is cancelled.
    package func sleep(until deadline: ContinuousClock.Instant) async throws(CancellationError) {
        if Task.isCancelled { throw CancellationError() }
        advance(to: deadline)
        await Task.yield()
    }

    private func advance(to instant: ContinuousClock.Instant) {
        state.withLock { now in
            guard instant > now.monotonic else { return }
            now.wall = now.wall?.advanced(by: now.monotonic.duration(to: instant))
            now.monotonic = instant
        }
    }
}
