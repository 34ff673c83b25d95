// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Keeps the desired section in step: full read first, then each version once and without gaps
/// (protocol reference 8.5).
struct TwinSync: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// How far the section is known.
    enum State: Equatable, Sendable {
        /// No connection.
        case off
        /// A read is under way.
        case requested(requestID: String, until: Instant)
        /// A read failed; the next one comes then.
        case backingOff(until: Instant)
        /// Every change so far was delivered.
        case current
    }

    /// What to do with a patch.
    enum Verdict: Equatable, Sendable {
        case deliver, ignore, hold, readAgain
    }

    /// Patches held back during a read; more than that and another read replaces them.
    static let maximumHeld = 256

    var state = State.off
    /// Reads in a row that brought nothing.
    var failures = 0
    private var version: Int64 = 0
    private var held: [DesiredPatch] = []
    private var lostSome = false

    /// When something is due.
    var deadline: Instant? {
        switch state {
        case .requested(_, let until), .backingOff(let until): until
        case .off, .current: nil
        }
    }

    /// Forgets everything of a connection that ended.
    mutating func reset() { self = TwinSync() }

    /// Judges a patch; `nil` is one without version, which cannot be put in order.
    mutating func receive(_ patch: DesiredPatch?) -> Verdict {
        switch state {
        case .off: return .ignore
        case .requested, .backingOff:
            hold(patch)
            return .hold
        case .current:
            guard let patch else { return .readAgain }
            guard patch.version > version else { return .ignore }
            // Subtracting cannot overflow: both are versions of 0 and more.
            guard patch.version - version == 1 else {
                hold(patch)
                return .readAgain
            }
            version = patch.version
            return .deliver
        }
    }

    /// Takes the version of a full read; returns the held patches that are newer, and whether one is missing.
    mutating func complete(version: Int64) -> (deliver: [DesiredPatch], isGap: Bool) {
        self.version = max(version, 0)
        var deliver: [DesiredPatch] = []
        let sorted = held.sorted { $0.version < $1.version }
        held = []
        for (index, patch) in sorted.enumerated() where patch.version > self.version {
            guard patch.version - self.version == 1 else {
                held = Array(sorted[index...])
                break
            }
            self.version = patch.version
            deliver.append(patch)
        }
        let isGap = lostSome || !held.isEmpty
        lostSome = false
        state = .current
        if !isGap { failures = 0 }
        return (deliver, isGap)
    }

    private mutating func hold(_ patch: DesiredPatch?) {
        guard let patch, held.count < Self.maximumHeld else {
            lostSome = true
            return
        }
        held.append(patch)
    }
}
