// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

extension RebootGuard {
    /// Judges a request; one that passes is written down before it is answered.
    mutating func accept(
        _ request: RebootRequest, _ conditions: RebootConditions, at uptime: Duration, wall: WallTime?
    ) -> [Action] {
        guard (.zero...RebootLimits.longestDelay).contains(request.delay) else {
            return [.answer(.refused(RebootRefusal(400, "The delay must be 0 to 3600 s.")))]
        }
        switch mode {
        case .off:
            return [
                .answer(
                    .refused(
                        RebootRefusal(
                            403,
                            "Rebooting is switched off on this device. Set [reboot] mode in its agent.toml to allow it."
                        )))
            ]
        case .dryRun: return [.answer(.dryRun)]
        case .armed: break
        }
        if let answer = answerOfRunning(request, at: uptime) { return [.answer(answer)] }
        let isForced = request.isForced && request.origin == .local
        guard let bootID else {
            return [
                .answer(
                    .refused(
                        RebootRefusal(
                            409,
                            "The kernel's boot id cannot be read, so nobody could prove the reboot. Mount /proc."
                        )
                    ))
            ]
        }
        if !isForced, let refusal = refusal(conditions, at: uptime) { return [.answer(.refused(refusal))] }
        self.isForced = isForced
        journal.append(
            RebootRecord(
                id: request.id, state: .pending, origin: request.origin, delay: request.delay, bootID: bootID,
                acceptedUptime: uptime, acceptedAt: journal.runningTime(at: uptime), requestedWall: wall))
        mark(uptime)
        phase = .accepting(id: request.id)
        return [.write(.acceptance)]
    }

    /// Takes the result of a write.
    mutating func written(
        _ purpose: Purpose, _ isDurable: Bool, at uptime: Duration, wall: WallTime?
    ) -> [Action] {
        guard isDurable else { return notWritten(purpose, at: uptime, wall: wall) }
        let isNews = !journal.tellsTheSame(as: durable)
        durable = journal
        retryAt = nil
        let news: [Action] = isNews ? [.report] : []
        switch (purpose, phase) {
        case (.acceptance, .accepting(let id)):
            phase = .waiting(id: id, confirmedBy: uptime + RebootLimits.confirmationLimit)
            return news + [.answer(.accepted(id: id))]
        case (.asking, .recording(let id)):
            phase = .asking(id: id, since: uptime)
            return news + [.askPower]
        default: return news
        }
    }

    private mutating func notWritten(_ purpose: Purpose, at uptime: Duration, wall: WallTime?) -> [Action] {
        retryAt = uptime + RebootLimits.retryTime
        switch (purpose, phase) {
        case (.acceptance, .accepting(let id)):
            phase = .idle
            journal.records.removeAll { $0.id == id }
            let refusal = RebootRefusal(
                409,
                "The request cannot be written to the state directory, so its outcome would be lost. Free or repair "
                    + "the disk, then try again.")
            // The write may have reached the disk in part: once more without the request.
            return [.answer(.refused(refusal)), .write(.note)]
        case (.asking, .recording):
            return fail("it cannot be written to the state directory", at: uptime, wall: wall)
        default: return []
        }
    }

    /// The answer where a reboot is under way already.
    private func answerOfRunning(_ request: RebootRequest, at uptime: Duration) -> RebootAnswer? {
        guard let id = phase.id, let record = journal.records.last(where: { $0.id == id }) else { return nil }
        let isRepeat =
            record.origin == request.origin && record.delay == request.delay
            && uptime - record.acceptedUptime < RebootLimits.repeatWindow
        if isRepeat, phase != .accepting(id: id) { return .accepted(id: id) }
        let wait = max(.seconds(1), record.due - uptime)
        return .refused(
            RebootRefusal(
                409, "Another reboot is pending; it is due in \(wait.wholeSeconds) s. Wait for it.",
                wait: wait))
    }

    private func refusal(_ conditions: RebootConditions, at uptime: Duration) -> RebootRefusal? {
        if uptime < limits.minimumUptime {
            let wait = limits.minimumUptime - uptime
            return RebootRefusal(
                409,
                "The machine has been up for less than \(limits.minimumUptime.wholeSeconds) s. \(again(wait))",
                wait: wait)
        }
        if let wait = journal.wait(for: limits.perHour, within: .seconds(3_600), at: uptime) {
            return RebootRefusal(
                409, "The limit of \(limits.perHour) reboots an hour is reached. \(again(wait))", wait: wait)
        }
        if let wait = journal.wait(for: limits.perDay, within: .seconds(86_400), at: uptime) {
            return RebootRefusal(
                409, "The limit of \(limits.perDay) reboots in 24 hours is reached. \(again(wait))",
                wait: wait)
        }
        if let lostAt = journal.lostAt {
            let wait = lostAt + RebootLimits.lossLimit - journal.runningTime(at: uptime)
            if wait > .zero {
                return RebootRefusal(
                    409, "The record of earlier reboots was lost, so they cannot be counted. \(again(wait))",
                    wait: wait)
            }
        }
        return refusal(conditions)
    }

    private func refusal(_ conditions: RebootConditions) -> RebootRefusal? {
        if let phase = conditions.criticalPhase {
            let wait = phase.remaining ?? .seconds(60)
            return RebootRefusal(409, "\(phase.text). \(again(wait))", wait: wait)
        }
        if !conditions.isStored {
            return RebootRefusal(
                409, "What must outlive a reboot is not on the disk yet. \(again(.seconds(30)))",
                wait: .seconds(30))
        }
        if let inhibitor = conditions.inhibitor {
            return RebootRefusal(
                409, "Something keeps the machine from rebooting: \(inhibitor). \(again(.seconds(60)))",
                wait: .seconds(60))
        }
        return nil
    }

    private func again(_ wait: Duration) -> String { "Try again in \(max(1, wait.wholeSeconds)) s." }
}

extension Duration {
    /// Seconds, rounded up.
    package var wholeSeconds: Int64 {
        let (seconds, attoseconds) = components
        return attoseconds > 0 ? seconds + 1 : seconds
    }
}
