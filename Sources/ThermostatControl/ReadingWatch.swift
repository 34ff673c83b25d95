// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// What a watch believes of a sensor.
package struct WatchSettings: Sendable, Hashable {
    /// The time between two samples.
    package var period: Duration
    /// No good sample for longer than this is a fault; three periods or 60 s, whichever is longer, at most 5 min.
    package var maximumAge: Duration
    /// What the site can have, in °C.
    package var siteRange: ClosedRange<Double>
    /// The fastest change that is believed without more samples, in K per second.
    package var maximumRate: Double
    /// A value that stands still to the last digit so long while the relay is on is a fault; `nil` never.
    package var frozenAfter: Duration?

    /// A larger change from one sample to the next is not believed without more samples, however much time passed; in K.
    package static let largestStep = 10.0
    /// Failures in a row that make a fault.
    package static let failuresUntilFault = 3
    /// Good samples in a row that end one.
    package static let samplesUntilRecovery = 3
    /// The longest ``maximumAge`` that may be configured.
    package static let longestAge = Duration.seconds(300)

    /// Makes settings; the defaults suit a room.
    package init(
        period: Duration, maximumAge: Duration? = nil, siteRange: ClosedRange<Double> = -20...60,
        maximumRate: Double = 2, frozenAfter: Duration? = nil
    ) {
        self.period = period
        self.maximumAge = min(maximumAge ?? max(period * 3, .seconds(60)), Self.longestAge)
        self.siteRange = siteRange
        self.maximumRate = maximumRate
        self.frozenAfter = frozenAfter
    }
}

/// A temperature as control gets it.
package struct TemperatureSample: Sendable, Hashable {
    /// The temperature in °C.
    package var celsius: Double
    /// When the conversion ended.
    package var takenAt: Now
    /// Whether a model made it.
    package var isSimulated: Bool

    /// Makes a sample.
    package init(celsius: Double, takenAt: Now, isSimulated: Bool = false) {
        self.celsius = celsius
        self.takenAt = takenAt
        self.isSimulated = isSimulated
    }
}

/// Says whether the temperature of a sensor may be acted on; pure.
///
/// It begins waiting. The limit of age runs from the start, not from the first sample.
package struct ReadingWatch: Sendable, Hashable {
    /// How far the sensor is believed.
    package enum Trust: Sendable, Hashable {
        /// No good sample since the start.
        case waiting
        /// The last sample is good and young.
        case fresh
        /// The last sample failed or is late, but the last good one is young enough: nothing is switched on.
        case coasting
        /// Nothing of it may be acted on.
        case fault(FaultCode)
    }

    /// What became of one sample.
    private enum Verdict { case good, unconfirmed, bad(FaultCode) }

    /// A sample that jumped, and how many that followed agree with it.
    private struct Candidate: Hashable {
        var sample: TemperatureSample
        var agreeing = 0
    }

    /// What is believed.
    package let settings: WatchSettings
    /// How far the sensor is believed now.
    package private(set) var trust = Trust.waiting
    /// The last good sample; `nil` before the first.
    package private(set) var latest: TemperatureSample?
    private let startedAt: ContinuousClock.Instant
    private var failures = 0
    private var goodInARow = 0
    private var candidate: Candidate?
    private var frozenSince: ContinuousClock.Instant?

    /// Begins waiting.
    package init(_ settings: WatchSettings, startedAt now: ContinuousClock.Instant) {
        self.settings = settings
        startedAt = now
    }

    /// Takes a sample that the sensor gave.
    package mutating func record(_ sample: TemperatureSample) {
        switch judge(sample) {
        case .good:
            let isSame = latest?.celsius == sample.celsius
            latest = sample
            candidate = nil
            failures = 0
            // A sensor that stood still has to move before it is believed again.
            if isSame, trust == .fault(.frozen) { return }
            if !isSame { frozenSince = nil }
            succeed()
        // It becomes a fault by age alone.
        case .unconfirmed: fail(.implausibleRate, counts: false)
        case .bad(let code): fail(code, counts: true)
        }
    }

    /// Takes a failed sample.
    package mutating func recordFailure() { fail(.sensorLost, counts: true) }

    /// Looks at the time; `relayIsOn` since a value that stands still is a fault only while something should move it.
    package mutating func tick(at now: ContinuousClock.Instant, relayIsOn: Bool) {
        let age = (latest?.takenAt.monotonic ?? startedAt).duration(to: now)
        if age > settings.maximumAge {
            goodInARow = 0
            return enter(isJumping(at: now) ? .implausibleRate : .stale)
        }
        if trust == .fresh, age > settings.period * 2 { trust = .coasting }
        guard let limit = settings.frozenAfter, relayIsOn, latest != nil else { return frozenSince = nil }
        let since = frozenSince ?? now
        frozenSince = since
        if since.duration(to: now) >= limit { enter(.frozen) }
    }

    /// The age of the last good sample.
    package func age(at now: ContinuousClock.Instant) -> Duration? {
        latest.map { max(.zero, $0.takenAt.monotonic.duration(to: now)) }
    }

    private mutating func judge(_ sample: TemperatureSample) -> Verdict {
        guard sample.celsius.isFinite, settings.siteRange.contains(sample.celsius) else {
            candidate = nil
            return .bad(.outOfRange)
        }
        guard let latest, isJump(from: latest, to: sample) else { return .good }
        guard let earlier = candidate, !isJump(from: earlier.sample, to: sample) else {
            candidate = Candidate(sample: sample)
            return .unconfirmed
        }
        // The first that jumped and two more that agree: the world has changed, not the reading.
        guard earlier.agreeing == 0 else { return .good }
        candidate = Candidate(sample: sample, agreeing: 1)
        return .unconfirmed
    }

    /// Whether samples come, but none that agrees with the one before.
    private func isJumping(at now: ContinuousClock.Instant) -> Bool {
        guard let jump = candidate?.sample.takenAt.monotonic else { return false }
        return jump.duration(to: now) <= settings.period * 2
    }

    private func isJump(from earlier: TemperatureSample, to later: TemperatureSample) -> Bool {
        let passed = earlier.takenAt.monotonic.duration(to: later.takenAt.monotonic)
        // Two samples of one moment may differ by the noise and the step of the sensor.
        let seconds = max(passed.inSeconds, 1)
        let limit = min(settings.maximumRate * seconds, WatchSettings.largestStep)
        return abs(later.celsius - earlier.celsius) > limit
    }

    private mutating func succeed() {
        switch trust {
        case .waiting, .fresh, .coasting: trust = .fresh
        case .fault:
            goodInARow += 1
            if goodInARow >= WatchSettings.samplesUntilRecovery { trust = .fresh }
        }
    }

    private mutating func fail(_ code: FaultCode, counts: Bool) {
        goodInARow = 0
        if counts { failures += 1 }
        if failures >= WatchSettings.failuresUntilFault { return enter(code) }
        if trust == .fresh { trust = .coasting }
    }

    private mutating func enter(_ code: FaultCode) {
        if case .fault = trust { return }
        trust = .fault(code)
        goodInARow = 0
        frozenSince = nil
    }
}

extension Duration {
    /// Seconds as a floating-point number.
    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
