// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What a relay has to bring about, and what it must not.
package struct EffectSettings: Sendable, Hashable {
    /// The relay on for so long without ``minimumEffect`` is an alarm; `nil` never.
    package var noEffectAfter: Duration?
    /// How far the temperature has to follow within ``noEffectAfter``, in K.
    package var minimumEffect: Double
    /// How long a load goes on acting after the relay went off.
    package var afterRun: Duration
    /// How far beyond the target the temperature may be with the relay off, in K.
    package var runawayMargin: Double
    /// How far it has to have moved on since the after-run to count as driven, in K.
    package var runawayEffect: Double
    /// Whether either alarm keeps the relay off until a reset.
    package var locksOut: Bool

    /// Makes settings; the defaults suit a room.
    package init(
        noEffectAfter: Duration? = .seconds(1800), minimumEffect: Double = 0.3,
        afterRun: Duration = .seconds(900),
        runawayMargin: Double = 3, runawayEffect: Double = 1, locksOut: Bool = false
    ) {
        self.noEffectAfter = noEffectAfter
        self.minimumEffect = minimumEffect
        self.afterRun = afterRun
        self.runawayMargin = runawayMargin
        self.runawayEffect = runawayEffect
        self.locksOut = locksOut
    }
}

/// Watches whether the temperature follows the relay, and only the relay; pure.
package struct EffectCheck: Sendable, Hashable {
    /// What the last look changed.
    package enum Finding: Sendable, Hashable {
        /// Nothing.
        case nothing
        /// The relay was on for too long without an effect.
        case noEffect
        /// The temperature follows the relay after all.
        case effect
        /// The temperature moves on with the relay off.
        case runaway
        /// It has come back.
        case calm
    }

    private let settings: EffectSettings
    private var window: Window?
    private var isRunaway = false

    /// Since when the relay is as it is, and the temperature, against the effect, that counts.
    private struct Window: Hashable {
        var isOn: Bool
        var mode: ThermostatMode
        var start: ContinuousClock.Instant
        var reference: Double
        /// Whether the after-run is over.
        var hasRunOut = false
    }

    /// Begins without a window.
    package init(_ settings: EffectSettings) { self.settings = settings }

    /// Looks at the temperature; to be called with every good sample and tick.
    package mutating func look(
        celsius: Double, target: Double, mode: ThermostatMode, relayIsOn: Bool,
        at now: ContinuousClock.Instant
    ) -> Finding {
        guard mode != .off else {
            window = nil
            return .nothing
        }
        // In the direction in which the load acts.
        let sign = mode == .heat ? 1.0 : -1.0
        let (value, goal) = (celsius * sign, target * sign)
        guard var current = window, current.isOn == relayIsOn, current.mode == mode else {
            window = Window(isOn: relayIsOn, mode: mode, start: now, reference: value)
            return calmed(value, goal)
        }
        defer { window = current }
        let age = current.start.duration(to: now)
        if relayIsOn {
            current.reference = min(current.reference, value)
            if value - current.reference >= settings.minimumEffect {
                (current.start, current.reference) = (now, value)
                return .effect
            }
            guard let limit = settings.noEffectAfter, age >= limit else { return calmed(value, goal) }
            return .noEffect
        }
        guard age >= settings.afterRun, current.hasRunOut else {
            // What counts begins with the first look after the after-run.
            current.reference = value
            current.hasRunOut = age >= settings.afterRun
            return calmed(value, goal)
        }
        current.reference = min(current.reference, value)
        let isDriven =
            value - current.reference >= settings.runawayEffect && value >= goal + settings.runawayMargin
        guard isDriven else { return calmed(value, goal) }
        isRunaway = true
        return .runaway
    }

    private mutating func calmed(_ value: Double, _ goal: Double) -> Finding {
        guard isRunaway, value < goal + settings.runawayMargin else { return .nothing }
        isRunaway = false
        return .calm
    }
}
