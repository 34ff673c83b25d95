// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

extension RebootGuard {
    /// Begins with what an earlier run has left: the kernel's boot id proves whether the machine has rebooted.
    ///
    /// To be called once, before any event. Relays must stay off where ``relaysMayRun`` is false afterwards.
    package mutating func start(bootID: String?, at uptime: Duration, wall: WallTime?) -> [Action] {
        self.bootID = bootID
        guard let bootID else { return journal.isSafe ? [.holdRelays(Self.safeText)] : [] }
        let isFirst = journal.boots.isEmpty && journal.expectedBoots + journal.unexpectedBoots == 0
        if journal.boots.last?.id != bootID {
            let wasAsked = completeRecords(at: uptime, wall: wall)
            if !isFirst { count(wasAsked: wasAsked) }
            journal.base += journal.lastSeen
            journal.lastSeen = .zero
            journal.append(BootRecord(id: bootID, startedAt: journal.base, wall: wall))
            if journal.isLoop(at: uptime, wall: wall) { journal.isSafe = true }
        } else {
            resume(at: uptime, wall: wall)
        }
        journal.hasEnded = false
        mark(uptime)
        if journal.isAfterLoss {
            journal.isAfterLoss = false
            journal.lostAt = journal.runningTime(at: uptime)
        }
        if journal.isSafe { safeSince = uptime }
        var actions: [Action] = [.write(.note)]
        if journal.isSafe {
            actions.append(.holdRelays(Self.safeText))
        } else if !relaysMayRun {
            actions.append(.holdRelays("the machine is about to reboot"))
        }
        return actions
    }

    /// Why relays are held off in safe mode, a clause for people.
    package static let safeText =
        "safe mode, because the machine has started 5 times within 30 min; `sensor-agent reset` ends it, or an hour without another start"

    private mutating func count(wasAsked: Bool) {
        // Saturating: a damaged number must not end the program.
        if wasAsked {
            journal.expectedBoots = min(journal.expectedBoots, .max - 1) + 1
        } else {
            journal.unexpectedBoots = min(journal.unexpectedBoots, .max - 1) + 1
            if !journal.hasEnded { journal.abruptBoots = min(journal.abruptBoots, .max - 1) + 1 }
        }
    }

    /// Another boot: what was under way is completed; returns whether the machine had been asked.
    private mutating func completeRecords(at uptime: Duration, wall: WallTime?) -> Bool {
        var wasAsked = false
        for record in journal.records where !record.state.isFinal {
            if record.askedUptime != nil { wasAsked = true }
            journal.change(record.id) { record in
                record.state = .completed
                record.endedWall = wall
                if record.askedUptime == nil { record.reason = "the machine went down before it was asked" }
                record.duration = Self.duration(from: record.askedWall, to: wall, uptime: uptime)
            }
        }
        return wasAsked
    }

    /// The time between two clock readings, where it is at least the time since the start, so that it can be believed.
    private static func duration(from asked: WallTime?, to now: WallTime?, uptime: Duration) -> Duration? {
        guard let asked, let now else { return nil }
        let (difference, overflow) = now.millisecondsSince1970.subtractingReportingOverflow(
            asked.millisecondsSince1970)
        let duration = Duration.milliseconds(difference)
        return overflow || duration < uptime || duration > .seconds(3_600) ? nil : duration
    }

    /// The same boot: only the agent has started anew, in the middle of what was under way.
    private mutating func resume(at uptime: Duration, wall: WallTime?) {
        for record in journal.records where !record.state.isFinal {
            if mode == .armed, phase == .idle {
                if let asked = record.askedUptime {
                    if uptime < asked + RebootLimits.signalLimit {
                        journal.change(record.id) { $0.state = .goingDown }
                        phase = .asking(id: record.id, since: asked)
                        continue
                    }
                } else if uptime < record.due {
                    journal.change(record.id) { $0.state = .pending }
                    phase = .waiting(id: record.id, confirmedBy: uptime)
                    continue
                }
            }
            journal.change(record.id) { changed in
                changed.state = .failed
                changed.endedWall = wall
                changed.reason =
                    record.askedUptime != nil
                    ? "the agent was started anew and the machine was not"
                    : uptime < record.due
                        ? "rebooting was switched off before it was due"
                        : "the agent did not run when it was due"
            }
        }
    }
}
