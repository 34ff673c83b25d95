// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// Decides whether and when the machine is rebooted on request: a pure value, event in, actions out.
///
/// The time of every event is that since the machine's start (C: `CLOCK_BOOTTIME`); the wall clock is only written down.
/// Whoever carries the actions out does so in order, and reports the results before the next event.
package struct RebootGuard: Sendable {
    /// Something that happened.
    package enum Event: Sendable, Hashable {
        /// Somebody asks for a reboot.
        case request(RebootRequest, RebootConditions)
        /// The answer to a request has reached whoever asked.
        case answerConfirmed(id: String)
        /// A write of the journal has ended.
        case written(Purpose, isDurable: Bool)
        /// Everything is ready for the end, or not, for a reason that is a clause for people.
        case prepared(problem: String?)
        /// The machine refused, for a reason that is a clause for people.
        case powerRefused(String)
        /// The machine is going down.
        case shutdownSignal
        /// The agent is told to end.
        case ending
        /// The hub has confirmed the report of an outcome.
        case acknowledged(id: String)
        /// Somebody on this machine ends safe mode.
        case reset
        /// Time has passed.
        case tick
    }

    /// Something to do.
    package enum Action: Sendable, Hashable {
        /// Answer the request that came last.
        case answer(RebootAnswer)
        /// Write the journal so that it outlives a loss of power, then say so with ``Event/written(_:isDurable:)``.
        case write(Purpose)
        /// Drive every relay off and keep it off, for a reason that is a clause for people.
        case holdRelays(String)
        /// Let the thermostats control again.
        case releaseRelays
        /// Confirm the relays off, flush the store, report the last state, disconnect; then ``Event/prepared(problem:)``.
        case prepare(isForced: Bool)
        /// Ask for the reboot.
        case askPower
        /// Connect again.
        case resume
        /// What is told of reboots, boots or safe mode has changed; see ``RebootGuard/durable``.
        case report
    }

    /// What a write is for.
    package enum Purpose: Sendable, Hashable {
        /// Something that nothing waits for.
        case note
        /// The acceptance of a request.
        case acceptance
        /// That the machine is about to be asked.
        case asking
    }

    /// What is going on.
    package enum Phase: Sendable, Hashable {
        case idle
        /// The acceptance is being written.
        case accepting(id: String)
        /// It waits for its time, and for the answer to be confirmed or so long.
        case waiting(id: String, confirmedBy: Duration)
        /// Relays, store and connection are being brought to their end.
        case preparing(id: String)
        /// It is being written that the machine is about to be asked.
        case recording(id: String)
        /// The machine is asked.
        case asking(id: String, since: Duration)
        /// It goes down.
        case goingDown(id: String, since: Duration)

        /// The request that is carried out.
        package var id: String? {
            switch self {
            case .idle: nil
            case .accepting(let id), .waiting(let id, _), .preparing(let id), .recording(let id),
                .asking(let id, _), .goingDown(let id, _):
                id
            }
        }
    }

    /// What `reboot` does.
    package let mode: RebootMode
    /// How often and how soon.
    package let limits: RebootLimits
    /// What has to be written.
    package internal(set) var journal: RebootJournal
    /// What outlives a loss of power; only that is told, so that nothing told is ever taken back.
    package internal(set) var durable: RebootJournal
    /// What is going on.
    package internal(set) var phase = Phase.idle
    /// The present boot; `nil` where the kernel does not say it.
    package internal(set) var bootID: String?
    /// When safe mode was last seen to begin in this boot.
    var safeSince: Duration?
    var isForced = false
    var markedAt = Duration.zero
    /// When a write that failed is tried again.
    var retryAt: Duration?

    /// Makes a guard that has not begun; see ``start(bootID:at:wall:)``.
    package init(mode: RebootMode, limits: RebootLimits = RebootLimits(), journal: RebootJournal) {
        self.mode = mode
        self.limits = limits
        self.journal = journal
        durable = journal
    }

    /// Whether relays may be driven: not in safe mode and not while the machine goes down.
    package var relaysMayRun: Bool {
        guard !journal.isSafe else { return false }
        switch phase {
        case .idle, .accepting, .waiting: return true
        case .preparing, .recording, .asking, .goingDown: return false
        }
    }

    /// Takes an event and says what to do, in order.
    ///
    /// - Parameters:
    ///   - uptime: the time since the machine's start.
    ///   - wall: the civil time, where it can be believed.
    package mutating func handle(_ event: Event, at uptime: Duration, wall: WallTime?) -> [Action] {
        switch event {
        case .request(let request, let conditions):
            return accept(request, conditions, at: uptime, wall: wall)
        case .answerConfirmed(let id):
            if case .waiting(id, _) = phase { phase = .waiting(id: id, confirmedBy: uptime) }
            return tick(at: uptime, wall: wall)
        case .written(let purpose, let isDurable): return written(purpose, isDurable, at: uptime, wall: wall)
        case .prepared(let problem):
            guard case .preparing(let id) = phase else { return [] }
            if let problem { return fail(problem, at: uptime, wall: wall) }
            phase = .recording(id: id)
            journal.change(id) { record in
                record.askedUptime = uptime
                record.askedWall = wall
            }
            mark(uptime)
            return [.write(.asking)]
        case .powerRefused(let reason):
            guard case .asking = phase else { return [] }
            return fail(reason, at: uptime, wall: wall)
        case .shutdownSignal:
            goDown(at: uptime)
            return []
        case .ending:
            goDown(at: uptime)
            mark(uptime)
            journal.hasEnded = true
            return [.write(.note)]
        case .acknowledged(let id): return acknowledge(id)
        case .reset: return leaveSafeMode(at: uptime)
        case .tick: return tick(at: uptime, wall: wall)
        }
    }

    /// When the next ``Event/tick`` is due, as time since the machine's start.
    package func nextTick(after uptime: Duration) -> Duration {
        var times = [nextMark(after: uptime)]
        switch phase {
        case .waiting(let id, let confirmedBy):
            times.append(max(confirmedBy, journal.records.last { $0.id == id }?.due ?? uptime))
        case .asking(_, let since): times.append(since + RebootLimits.signalLimit)
        case .goingDown(_, let since): times.append(since + RebootLimits.shutdownLimit)
        case .idle, .accepting, .preparing, .recording: break
        }
        if let safeSince { times.append(safeSince + RebootLimits.quietTime) }
        if let retryAt { times.append(retryAt) }
        return max(uptime, times.min() ?? uptime)
    }

    /// The length of a boot is written often at first, because a boot loop is told by it, and hourly later.
    private func nextMark(after uptime: Duration) -> Duration {
        markedAt + (markedAt < .seconds(2_400) ? .seconds(300) : .seconds(3_600))
    }

    mutating func mark(_ uptime: Duration) {
        journal.lastSeen = max(journal.lastSeen, uptime)
        markedAt = uptime
    }

    private mutating func goDown(at uptime: Duration) {
        if case .asking(let id, _) = phase { phase = .goingDown(id: id, since: uptime) }
    }

    private mutating func acknowledge(_ id: String) -> [Action] {
        let isNews = journal.records.contains { $0.id == id && $0.state.isFinal && !$0.isAcknowledged }
        guard isNews else { return [] }
        journal.change(id) { $0.isAcknowledged = true }
        return [.write(.note)]
    }

    private mutating func tick(at uptime: Duration, wall: WallTime?) -> [Action] {
        var actions: [Action] = []
        switch phase {
        case .waiting(let id, let confirmedBy):
            let due = journal.records.last { $0.id == id }?.due ?? uptime
            if uptime >= max(due, confirmedBy) { actions += beginGoingDown(id) }
        case .asking(_, let since) where uptime >= since + RebootLimits.signalLimit:
            actions += fail("the machine did not begin to shut down within 60 s", at: uptime, wall: wall)
        case .goingDown(_, let since) where uptime >= since + RebootLimits.shutdownLimit:
            actions += fail(
                "the machine began to shut down and was still up 10 min later", at: uptime, wall: wall)
        default: break
        }
        if let safeSince, uptime >= safeSince + RebootLimits.quietTime {
            actions += leaveSafeMode(at: uptime)
        }
        let isRetry = retryAt.map { uptime >= $0 } ?? false
        if isRetry || uptime >= nextMark(after: uptime) {
            mark(uptime)
            actions.append(.write(.note))
        }
        return actions
    }

    private mutating func beginGoingDown(_ id: String) -> [Action] {
        phase = .preparing(id: id)
        journal.change(id) { $0.state = .goingDown }
        return [
            .holdRelays("the machine is about to reboot"), .write(.note), .prepare(isForced: isForced),
        ]
    }

    private mutating func leaveSafeMode(at uptime: Duration) -> [Action] {
        guard journal.isSafe else { return [] }
        journal.isSafe = false
        safeSince = nil
        // Else the next start would count the same boots again.
        journal.boots.removeAll { $0.id != bootID }
        mark(uptime)
        return [.write(.note)] + (relaysMayRun ? [.releaseRelays] : [])
    }

    mutating func fail(_ reason: String, at uptime: Duration, wall: WallTime?) -> [Action] {
        guard let id = phase.id else { return [] }
        phase = .idle
        journal.change(id) { record in
            record.state = .failed
            record.reason = reason
            record.endedWall = wall
        }
        mark(uptime)
        return [.write(.note)] + (relaysMayRun ? [.releaseRelays] : []) + [.resume]
    }
}
