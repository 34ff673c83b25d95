// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Synchronization

/// Clocks that stand still until somebody waits, and then jump to the end of the wait.
final class VirtualTime: TimeSource {
    private let state: Mutex<Now>

    init(wall: WallTime? = WallTime(millisecondsSince1970: 1_700_000_000_000), isTrusted: Bool = true) {
        state = Mutex(Now(monotonic: ContinuousClock.now, wall: wall, wallIsTrusted: isTrusted))
    }

    func now() -> Now { state.withLock { $0 } }

    func sleep(until deadline: ContinuousClock.Instant) async throws(CancellationError) {
        if Task.isCancelled { throw CancellationError() }
        state.withLock { now in
            guard deadline > now.monotonic else { return }
            now.wall = now.wall?.advanced(by: now.monotonic.duration(to: deadline))
            now.monotonic = deadline
        }
        await Task.yield()
    }
}
