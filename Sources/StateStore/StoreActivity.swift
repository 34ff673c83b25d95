// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Synchronization

/// Since when a store has been at its present call, for whoever must not wait for it.
final class StoreActivity: Sendable {
    private let clock: @Sendable () -> ContinuousClock.Instant
    private let began = Mutex<ContinuousClock.Instant?>(nil)

    /// Nothing is at work; `clock` is the monotonic time.
    init(_ clock: @escaping @Sendable () -> ContinuousClock.Instant) { self.clock = clock }

    /// When the present call began; `nil` between calls.
    var since: ContinuousClock.Instant? { began.withLock(\.self) }

    /// A call begins, unless one is at work already.
    func begin() {
        let now = clock()
        began.withLock { began in if began == nil { began = now } }
    }

    /// The call has returned.
    func end() { began.withLock { $0 = nil } }
}
