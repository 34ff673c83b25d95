// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import LinuxHost
import Quantities

/// The machine's time, so many times as fast from the moment it was made on.
struct AcceleratedTime: TimeSource {
    private let factor: Int
    private let clock = LinuxClock()
    private let start: Now

    init(factor: Int) {
        self.factor = factor
        start = LinuxClock().now()
    }

    func now() -> Now {
        let passed = start.monotonic.duration(to: clock.now().monotonic) * factor
        return Now(
            monotonic: start.monotonic.advanced(by: passed), wall: start.wall?.advanced(by: passed),
            wallIsTrusted: start.wallIsTrusted)
    }

    func sleep(until deadline: ContinuousClock.Instant) async throws(CancellationError) {
        let left = start.monotonic.duration(to: deadline) / factor
        try await clock.sleep(until: start.monotonic.advanced(by: left))
    }
}
