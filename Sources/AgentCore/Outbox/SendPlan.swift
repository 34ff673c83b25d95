// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import StateStore

/// Decides which message goes out next: live before old, old at a limited rate, a suspect alone; pure.
///
/// The store holds every message until the hub has it. This plan holds the few that are on their way, so that the store
/// is asked only for what had to wait.
package struct SendPlan: Sendable {
    /// What bounds the plan.
    package struct Limits: Sendable, Hashable {
        /// Messages under way at once.
        package var window = 64
        /// Live messages held beside the store; more wait in the store alone.
        package var live = 1_000
        /// Old messages read from the store at once.
        package var batch = 128
        /// Old messages sent in a second.
        package var replayRate: Double

        /// Makes limits.
        package init(replayRate: Double = 10) { self.replayRate = replayRate }
    }

    /// What is to be done next.
    package enum Step: Sendable, Hashable {
        /// Send this one; one that had to wait carries its own time.
        case send(StoredSample, isDelayed: Bool)
        /// Read the oldest of the store, but for these.
        case fetch(limit: Int, excluding: Set<SampleKey>)
        /// Nothing, until something happens or this time comes.
        case wait(until: ContinuousClock.Instant?)
    }

    private struct Flight {
        var isAlone: Bool
        /// The hub has it, the store does not know yet.
        var isAcknowledged = false
    }

    private let limits: Limits
    private var bucket: TokenBucket
    private var suspects = SuspectList()
    private var live = Queue<StoredSample>()
    private var old = Queue<StoredSample>()
    private var flights: [SampleKey: Flight] = [:]
    private var sent = 0
    private var isAlone = false
    private var isFetching = false
    /// What the store has forgotten since it was asked, and may still give.
    private var forgotten: Set<SampleKey> = []
    /// Whether the store may hold what is neither under way nor in a queue here.
    private var storeHasMore = true
    private var isOnline = false

    /// Counts the connections: what belongs to an earlier one says nothing of this one.
    package private(set) var connection = 0

    /// Makes a plan that is offline and knows nothing of the store.
    package init(_ limits: Limits, at now: ContinuousClock.Instant) {
        self.limits = limits
        bucket = TokenBucket(perSecond: limits.replayRate, at: now)
    }

    /// Whether older messages are still to be sent.
    package var isReplaying: Bool { storeHasMore || !old.isEmpty }

    /// What is to be done at `now`; counts it as done.
    ///
    /// Without `replays` old messages stay where they are, and are looked at again a minute later.
    package mutating func next(at now: ContinuousClock.Instant, replays: Bool = true) -> Step {
        guard isOnline, sent < limits.window, !isAlone else { return .wait(until: nil) }
        guard replays else {
            if let sample = live.popFirst() { return send(sample, isDelayed: false) }
            return .wait(until: isReplaying ? now.advanced(by: .seconds(60)) : nil)
        }
        if let candidate = old.first, suspects.isSuspect(candidate.key) { return nextAlone(candidate, now) }
        if let sample = live.popFirst() { return send(sample, isDelayed: false) }
        guard let candidate = old.first else {
            guard storeHasMore, !isFetching else { return .wait(until: nil) }
            isFetching = true
            forgotten = []
            storeHasMore = false
            return .fetch(limit: limits.batch, excluding: held)
        }
        if let until = bucket.take(at: now) { return .wait(until: until) }
        _ = old.popFirst()
        return send(candidate, isDelayed: true)
    }

    /// A suspect waits until nothing else is under way; meanwhile nothing else begins.
    private mutating func nextAlone(_ candidate: StoredSample, _ now: ContinuousClock.Instant) -> Step {
        guard sent == 0 else { return .wait(until: nil) }
        if let until = bucket.take(at: now) {
            // The live ones need not wait for the rate of the old.
            if let sample = live.popFirst() { return send(sample, isDelayed: false) }
            return .wait(until: until)
        }
        _ = old.popFirst()
        return send(candidate, isDelayed: true, alone: true)
    }

    private mutating func send(_ sample: StoredSample, isDelayed: Bool, alone: Bool = false) -> Step {
        flights[sample.key] = Flight(isAlone: alone)
        sent += 1
        isAlone = alone
        return .send(sample, isDelayed: isDelayed)
    }

    private var held: Set<SampleKey> {
        Set(flights.keys).union(live.elements.map(\.key))
    }
}

extension SendPlan {
    /// Takes what the store has just numbered and stored.
    package mutating func stored(_ samples: [StoredSample]) {
        for sample in samples {
            if isOnline, live.count < limits.live {
                live.append(sample)
            } else {
                storeHasMore = true
            }
        }
    }

    /// Takes the answer to ``Step/fetch(limit:excluding:)``: none means that the store has no more.
    package mutating func fetched(_ samples: [StoredSample]) {
        isFetching = false
        guard isOnline else {
            storeHasMore = true
            return
        }
        if !samples.isEmpty { storeHasMore = true }
        let known = held.union(forgotten)
        forgotten = []
        let fresh = samples.filter { !known.contains($0.key) }
        // The stronger the suspicion, the later: what is good must not wait for what may be bad.
        let ranked = fresh.enumerated().map { (rank: suspects.rank(of: $1.key), place: $0, sample: $1) }
        for (_, _, sample) in ranked.sorted(by: { ($0.rank, $0.place) < ($1.rank, $1.place) }) {
            old.append(sample)
        }
    }

    /// Has the store asked again: it may have rows that it has not given before.
    package mutating func mayHaveMore() { storeHasMore = true }

    /// Takes a new connection, or its end.
    package mutating func connected(_ isOnline: Bool) {
        if isOnline { connection += 1 }
        self.isOnline = isOnline
        guard !isOnline else { return }
        live = Queue()
        old = Queue()
        storeHasMore = true
    }

    /// Takes that the hub has a message, or will never take it; the store still has to forget it.
    package mutating func acknowledged(_ key: SampleKey) {
        guard let flight = flights[key], !flight.isAcknowledged else { return }
        flights[key]?.isAcknowledged = true
        sent -= 1
        if flight.isAlone { isAlone = false }
        suspects.clear(key)
    }

    /// Takes that the store has forgotten messages.
    package mutating func removed(_ keys: [SampleKey]) {
        for key in keys { flights[key] = nil }
        if isFetching { forgotten.formUnion(keys) }
    }

    /// Takes that a message did not get through on `connection`; returns whether it is to be set aside.
    package mutating func lost(_ key: SampleKey, on connection: Int, withConnection: Bool) -> Bool {
        guard let flight = flights.removeValue(forKey: key) else { return false }
        if !flight.isAcknowledged { sent -= 1 }
        if flight.isAlone { isAlone = false }
        storeHasMore = true
        // The connection's own event may come later; until then nothing more is tried on it.
        if connection == self.connection { connected(false) }
        return withConnection && suspects.lost(key, alone: flight.isAlone)
    }
}
