// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What a relay has done in its life; pure.
package struct RelayLedger: Sendable, Hashable {
    /// How often the relay was switched on.
    package private(set) var cycles: Int
    /// How long it was on, the present on time included up to the last look.
    package private(set) var onTime: Duration
    private var onSince: ContinuousClock.Instant?

    /// Goes on from a record.
    package init(cycles: Int = 0, onTime: Duration = .zero) {
        self.cycles = max(0, cycles)
        self.onTime = max(.zero, onTime)
    }

    /// Takes the relay's state at `now`; to be called at every tick.
    package mutating func record(isOn: Bool, at now: ContinuousClock.Instant) {
        if let since = onSince { onTime += max(.zero, since.duration(to: now)) }
        if isOn, onSince == nil, cycles < .max { cycles += 1 }
        onSince = isOn ? now : nil
    }

    /// Takes up an earlier record, in which what this one has is not contained.
    package mutating func add(cycles: Int, onTime: Duration) {
        self.cycles += min(max(0, cycles), .max - self.cycles)
        self.onTime += max(.zero, onTime)
    }

    /// The part of a rated life that is used up, 0 for a new relay; may exceed 1.
    package func wear(ratedCycles: Int) -> Double { Double(cycles) / Double(max(1, ratedCycles)) }
}
