// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Synchronization

/// A clock that stands still until a test moves it.
final class ManualClock: TimeSource {
    private let state = Mutex(ContinuousClock.now)

    /// Moves the clock.
    func advance(by duration: Duration) {
        state.withLock { $0 = $0.advanced(by: duration) }
    }

    var instant: ContinuousClock.Instant { state.withLock(\.self) }

    func now() -> Now { Now(monotonic: instant, wall: nil, wallIsTrusted: false) }

    func sleep(until deadline: ContinuousClock.Instant) async throws(CancellationError) {
        state.withLock { $0 = max($0, deadline) }
    }
}
