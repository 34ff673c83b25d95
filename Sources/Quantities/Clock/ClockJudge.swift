// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Judges the civil time by what the machine shows and by what it was before; pure.
///
/// A machine with a good clock and no time service never has the kernel's flag, so its lack alone proves nothing. A board
/// without a clock chip begins in 1970, or, which is worse, minutes to weeks in the past, at a time that was saved before it
/// was switched off. So a plausible time that nobody vouches for is believed only after a wait, and then as an estimate.
public struct ClockJudge: Sendable {
    /// The time that no clock can be before: when the program was built.
    public let floor: WallTime
    /// How long after the boot a time service may take; then a plausible time is believed as it is.
    public let patience: Duration
    /// The latest time that somebody has vouched for, in this run or an earlier one.
    public private(set) var lastKnown: WallTime?
    /// The offset when somebody vouched for it last, and who.
    private var proof: (clock: BootClock, basis: ClockVerdict.Basis)?

    /// How far behind the last known time a clock may be: a time service has corrected it.
    public static let tolerance = Duration.seconds(60)
    /// How far a clock that is left alone goes wrong between two looks.
    static let drift = Duration.seconds(2)
    /// How far the clock chip, which counts whole seconds and is set rarely, may be from the system's clock.
    static let chipTolerance = Duration.seconds(60)

    /// Makes a judge; `lastKnown` is what an earlier run left.
    public init(floor: WallTime, lastKnown: WallTime? = nil, patience: Duration) {
        self.floor = floor
        self.lastKnown = lastKnown
        self.patience = patience
    }

    /// Whether `wall` is neither before the build nor before the last known time.
    public func isPlausible(_ wall: WallTime) -> Bool { contradiction(of: wall) == nil }

    /// Judges the time `wall`, `sinceBoot` after the boot.
    public mutating func judge(_ wall: WallTime?, sinceBoot: Duration, _ signs: ClockSigns) -> ClockVerdict {
        guard let wall else { return .doubtful(.unreadable) }
        let clock = BootClock(wall: wall, sinceBoot: sinceBoot)
        if wall >= floor, signs.isSynchronised { return proveByTimeService(clock, wall) }
        let contradiction = contradiction(of: wall)
        if contradiction == nil, let basis = basis(of: clock, wall, signs) {
            lastKnown = max(lastKnown ?? wall, wall)
            return prove(clock, basis)
        }
        if wall >= floor, signs.kernelIsSynchronised == nil, signs.timeService() {
            return proveByTimeService(clock, wall)
        }
        if let contradiction { return .doubtful(contradiction) }
        return sinceBoot < patience ? .doubtful(.awaitingTimeService(wall)) : .estimated
    }

    /// A time service knows better than what was remembered, which may itself have been wrong.
    private mutating func proveByTimeService(_ clock: BootClock, _ wall: WallTime) -> ClockVerdict {
        lastKnown = wall
        return prove(clock, .timeService)
    }

    private mutating func prove(_ clock: BootClock, _ basis: ClockVerdict.Basis) -> ClockVerdict {
        proof = (clock, basis)
        return .sure(basis)
    }

    private func contradiction(of wall: WallTime) -> ClockVerdict.Doubt? {
        guard wall >= floor else { return .beforeBuild(wall) }
        guard let lastKnown, wall < lastKnown.advanced(by: .zero - Self.tolerance) else { return nil }
        return .beforeLastKnown(wall, lastKnown: lastKnown)
    }

    private func basis(of clock: BootClock, _ wall: WallTime, _ signs: ClockSigns) -> ClockVerdict.Basis? {
        if let proof {
            // The kernel takes its flag back after hours without a server, which makes the clock no worse at once.
            if proof.clock.step(from: clock).isWithin(Self.drift) { return proof.basis }
        } else if signs.hasMark {
            // The mark says nothing of a clock that was set since.
            return .timeService
        }
        guard let chip = signs.hardwareClock(), wall.duration(to: chip).isWithin(Self.chipTolerance) else {
            return nil
        }
        return .hardwareClock
    }
}

extension ClockSigns {
    /// Whether a time service holds the clock now, as far as can be seen.
    fileprivate var isSynchronised: Bool { kernelIsSynchronised ?? hasMark }
}

extension Duration {
    /// Whether it is at most `limit` long in either direction.
    fileprivate func isWithin(_ limit: Duration) -> Bool { self <= limit && self >= .zero - limit }
}
