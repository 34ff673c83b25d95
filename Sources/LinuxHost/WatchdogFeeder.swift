// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Decides when the service manager's watchdog is to be fed, by whoever proves that the program does its work.
package struct WatchdogFeeder: Sendable, Hashable {
    private let interval: Duration?
    private var fedAt: ContinuousClock.Instant?

    /// Makes a feeder; `interval` is ``ServiceManager/watchdogInterval``, and `nil` means that nobody waits for food.
    package init(interval: Duration?) { self.interval = interval }

    /// Whether the watchdog is to be fed now, which then counts as done.
    ///
    /// To be called more often than `interval`, which is half of what the manager waits.
    package mutating func isDue(at now: ContinuousClock.Instant) -> Bool {
        guard let interval else { return false }
        if let fedAt, fedAt.duration(to: now) < interval { return false }
        fedAt = now
        return true
    }
}
