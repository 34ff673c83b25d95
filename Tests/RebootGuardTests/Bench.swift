// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import RebootGuard
import StrictJSON

/// A machine with a guard, a disk and clocks that the test moves.
struct Bench {
    var guarding: RebootGuard
    /// What a loss of power leaves.
    var disk: JSONValue
    var boot = 1
    var uptime: Duration
    /// The real time, which nobody in the machine knows.
    var real = Duration.zero
    var wall: WallTime? = WallTime(millisecondsSince1970: 1_700_000_000_000)
    let mode: RebootMode
    let limits: RebootLimits

    var diskWorks = true
    /// What the machine does when it is told to prepare.
    var problem: String?
    /// Whether the answers reach whoever asked.
    var confirms = true

    /// Everything that was to be done, but for writes.
    var done: [RebootGuard.Action] = []
    /// When power was asked for, by request, with what the disk held then.
    var asked: [(id: String, real: Duration, disk: JSONValue)] = []
    var answers: [(id: String, answer: RebootAnswer)] = []

    init(mode: RebootMode = .armed, limits: RebootLimits = RebootLimits(), uptime: Duration = .seconds(600)) {
        self.mode = mode
        self.limits = limits
        self.uptime = uptime
        disk = RebootJournal().json
        guarding = RebootGuard(mode: mode, limits: limits, journal: RebootJournal())
        perform(guarding.start(bootID: "boot-1", at: uptime, wall: wall))
    }

    mutating func handle(_ event: RebootGuard.Event) {
        perform(guarding.handle(event, at: uptime, wall: wall), of: event)
    }

    mutating func request(
        _ id: String, delay: Int = 5, origin: RebootRecord.Origin = .hub, force: Bool = false,
        _ conditions: RebootConditions = RebootConditions()
    ) -> RebootAnswer? {
        handle(
            .request(
                RebootRequest(id: id, origin: origin, delay: .seconds(delay), isForced: force), conditions))
        return answers.last.flatMap { $0.id == id ? $0.answer : nil }
    }

    /// Lets time pass, with every tick that the guard wants.
    mutating func pass(_ time: Duration) {
        let end = uptime + time
        while true {
            let next = max(guarding.nextTick(after: uptime), uptime + .milliseconds(1))
            guard next <= end else { break }
            move(to: next)
            handle(.tick)
        }
        move(to: end)
    }

    private mutating func move(to time: Duration) {
        real += time - uptime
        wall = wall?.advanced(by: time - uptime)
        uptime = time
    }

    /// The process ends without a word and starts again.
    mutating func crash() { restart(bootID: "boot-\(boot)") }

    /// The machine starts again; the agent runs `after` its start.
    mutating func reboot(after: Duration = .seconds(20)) {
        boot += 1
        real += after
        uptime = after
        restart(bootID: "boot-\(boot)")
    }

    private mutating func restart(bootID: String?) {
        let journal = RebootJournal(json: disk) ?? .afterLoss
        guarding = RebootGuard(mode: mode, limits: limits, journal: journal)
        perform(guarding.start(bootID: bootID, at: uptime, wall: wall))
    }

    private mutating func perform(_ actions: [RebootGuard.Action], of event: RebootGuard.Event = .tick) {
        for action in actions {
            switch action {
            case .write(let purpose):
                if diskWorks { disk = guarding.journal.json }
                perform(
                    guarding.handle(.written(purpose, isDurable: diskWorks), at: uptime, wall: wall),
                    of: event)
            case .answer(let answer):
                if case .request(let request, _) = event { answers.append((request.id, answer)) }
                if case .accepted(let id) = answer, confirms { handle(.answerConfirmed(id: id)) }
            case .prepare:
                done.append(action)
                handle(.prepared(problem: problem))
            case .askPower:
                done.append(action)
                asked.append((guarding.phase.id ?? "", real, disk))
            default: done.append(action)
            }
        }
    }
}
