// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The one gate in front of an output, below every algorithm: nothing else may switch it.
///
/// It begins off, with the minimum off time still to pass. Only ``Request/forcedOff`` passes the minimum on time.
package struct OutputGate: Sendable, Hashable {
    /// What the algorithm above wants.
    package enum Request: Sendable, Hashable {
        /// On.
        case on
        /// As it is, but not from off to on.
        case stay
        /// Off, in order.
        case off
        /// Off at once, whatever timer runs.
        case forcedOff
    }

    /// What holds the output where it is, or nothing.
    package enum Hold: Sendable, Hashable {
        /// Nothing: it is as it was asked for.
        case none
        /// Asked to go on, it waits for the minimum off time.
        case minimumOff
        /// Asked to go off, it waits for the minimum on time.
        case minimumOn
        /// It was on for the maximum time.
        case limit
    }

    /// The output as it has to be from now on.
    package struct Outcome: Sendable, Hashable {
        /// Whether the output is on.
        package var isOn: Bool
        /// What holds it.
        package var hold: Hold
        /// How long the hold still lasts; zero without one.
        package var remaining: Duration
        /// Whether this call ended an on time at the maximum.
        package var hasReachedLimit: Bool
    }

    /// The times that it keeps.
    package let settings: GateSettings
    /// Whether the output is on.
    package private(set) var isOn = false
    /// Since when the output is as it is; at the start, when the hold began.
    package private(set) var since: ContinuousClock.Instant
    /// When the lock-out after a maximum on time ends; `nil` without one.
    package private(set) var lockedUntil: ContinuousClock.Instant?

    /// Until when the output is held off because nobody knows whether a lock-out ran before the start.
    package private(set) var doubtUntil: ContinuousClock.Instant?

    /// Begins off.
    ///
    /// `offSince` is when the output was switched off where that is proven, by a record of the same boot; without it the
    /// whole minimum off time passes first. A `lockOut` that an earlier run had begun goes on.
    package init(
        _ settings: GateSettings, startedAt now: ContinuousClock.Instant,
        offSince: ContinuousClock.Instant? = nil, lockOut: RestoredThermostat.LockOut? = nil
    ) {
        self.settings = settings
        since = offSince.map { min($0, now) } ?? now
        restore(lockOut, whole: now.advanced(by: settings.lockOut), at: now)
    }

    /// Takes up what has become known of a lock-out of an earlier run, in the place of the doubt that it began with.
    ///
    /// Once that time is over, or a person has ended it, nothing is taken up.
    package mutating func learn(_ lockOut: RestoredThermostat.LockOut?, at now: ContinuousClock.Instant) {
        guard let whole = doubtUntil else { return }
        doubtUntil = nil
        if !isOn, whole > now { restore(lockOut, whole: whole, at: now) }
    }

    private mutating func restore(
        _ lockOut: RestoredThermostat.LockOut?, whole: ContinuousClock.Instant,
        at now: ContinuousClock.Instant
    ) {
        switch lockOut {
        case nil: break
        case .until(let end): if end > now { lockedUntil = min(end, whole) }
        case .unproven: lockedUntil = whole
        case .unknown: doubtUntil = whole
        }
    }

    /// Decides the output for `request` at `now`; to be called at every tick, whether anything changed or not.
    package mutating func decide(_ request: Request, at now: ContinuousClock.Instant) -> Outcome {
        isOn ? decideOn(request, at: now) : decideOff(request, at: now)
    }

    /// Begins the minimum off time anew, for an output that was found unsafe while it was off.
    package mutating func holdOff(from now: ContinuousClock.Instant) {
        guard !isOn else { return }
        since = max(since, now)
    }

    /// Ends a lock-out, for a person who takes it on; the minimum off time holds all the same.
    package mutating func endLockOut() {
        lockedUntil = nil
        doubtUntil = nil
    }

    /// How long the output is as it is.
    package func age(at now: ContinuousClock.Instant) -> Duration { max(.zero, since.duration(to: now)) }

    private mutating func decideOn(_ request: Request, at now: ContinuousClock.Instant) -> Outcome {
        let age = age(at: now)
        if request == .forcedOff { return switchOff(at: now) }
        if age >= settings.maximumOn {
            lockedUntil = now.advanced(by: settings.lockOut)
            var outcome = switchOff(at: now)
            outcome.hold = .limit
            outcome.remaining = settings.lockOut
            outcome.hasReachedLimit = true
            return outcome
        }
        guard request == .off else {
            return Outcome(isOn: true, hold: .none, remaining: .zero, hasReachedLimit: false)
        }
        guard age >= settings.minimumOn else {
            return Outcome(
                isOn: true, hold: .minimumOn, remaining: settings.minimumOn - age, hasReachedLimit: false)
        }
        return switchOff(at: now)
    }

    private mutating func decideOff(_ request: Request, at now: ContinuousClock.Instant) -> Outcome {
        if let end = lockedUntil, now < end {
            return Outcome(
                isOn: false, hold: .limit, remaining: now.duration(to: end), hasReachedLimit: false)
        }
        lockedUntil = nil
        guard request == .on else {
            return Outcome(isOn: false, hold: .none, remaining: .zero, hasReachedLimit: false)
        }
        let left = max(settings.minimumOff - age(at: now), doubtUntil.map { now.duration(to: $0) } ?? .zero)
        guard left <= .zero else {
            return Outcome(isOn: false, hold: .minimumOff, remaining: left, hasReachedLimit: false)
        }
        doubtUntil = nil
        isOn = true
        since = now
        return Outcome(isOn: true, hold: .none, remaining: .zero, hasReachedLimit: false)
    }

    private mutating func switchOff(at now: ContinuousClock.Instant) -> Outcome {
        isOn = false
        since = now
        return Outcome(isOn: false, hold: .none, remaining: .zero, hasReachedLimit: false)
    }
}
