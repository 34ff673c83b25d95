// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// How far the two sensors of a thermostat may differ.
package struct CrossCheckSettings: Sendable, Hashable {
    /// The largest difference, in K.
    package var limit: Double
    /// A larger one is a fault when it lasts so long.
    package var patience: Duration

    /// Makes settings.
    package init(limit: Double = 2, patience: Duration = .seconds(300)) {
        self.limit = limit
        self.patience = patience
    }
}

/// Compares two sensors of one thermostat; pure.
package struct CrossCheck: Sendable, Hashable {
    private let settings: CrossCheckSettings
    private var since: ContinuousClock.Instant?

    /// Begins in agreement.
    package init(_ settings: CrossCheckSettings) { self.settings = settings }

    /// Whether they have disagreed for too long.
    package mutating func disagrees(_ first: Double, _ second: Double, at now: ContinuousClock.Instant)
        -> Bool
    {
        guard abs(first - second) > settings.limit else {
            since = nil
            return false
        }
        let begun = since ?? now
        since = begun
        return begun.duration(to: now) >= settings.patience
    }

    /// One of them has no value: nothing is compared.
    package mutating func pause() { since = nil }

    /// The temperature that is acted on: the one that asks for less energy.
    package static func value(_ first: Double, _ second: Double, _ mode: ThermostatMode) -> Double {
        mode == .cool ? min(first, second) : max(first, second)
    }
}
