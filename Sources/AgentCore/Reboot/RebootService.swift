// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
package import Logging
package import Quantities
package import RebootGuard

/// Carries out what ``RebootGuard`` decides, one event after the other.
package actor RebootService: Service {
    /// How a reboot is done on this installation.
    package struct Settings: Sendable {
        /// What `reboot` does.
        package var mode: RebootMode
        /// How often and how soon.
        package var limits: RebootLimits
        /// What of a relay it respects.
        package var respects: RelayRespect

        /// Makes settings from their parts.
        package init(
            mode: RebootMode, limits: RebootLimits = RebootLimits(), respects: RelayRespect = .minimumOn
        ) {
            self.mode = mode
            self.limits = limits
            self.respects = respects
        }
    }

    private enum Input: Sendable {
        case event(RebootGuard.Event)
        case request(RebootRequest, CheckedContinuation<RebootAnswer, Never>)
        case reset(CheckedContinuation<Void, Never>)
    }

    /// How long lines may take until they read off.
    private static let relayPatience = 5
    /// Longer than the guard waits for the shutdown.
    private static let absence = Duration.seconds(90)

    private nonisolated let settings: Settings
    private nonisolated let random: @Sendable () -> UInt64
    private let machine: any RebootMachine
    private let control: ControlLoop
    private let time: any TimeSource
    private let boot: ControlLoop.Boot
    private let log: Logger
    private let flush: @Sendable () async -> Bool
    private nonisolated let inputs: AsyncStream<Input>
    private nonisolated let feed: AsyncStream<Input>.Continuation
    /// What an earlier run has left was taken up; until then nothing is known of reboots.
    private nonisolated let hasBegun = Ending()
    private var guarding: RebootGuard
    private var cloud: CloudService?
    /// What the log was told last.
    private var told: String?
    private var alarm: Task<Void, Never>?
    private var reply: CheckedContinuation<RebootAnswer, Never>?

    /// Makes the service; `flush` waits briefly for what is being stored, and says whether all of it is on the disk.
    package init(
        _ settings: Settings, machine: any RebootMachine, control: ControlLoop, time: any TimeSource,
        boot: ControlLoop.Boot, log: Logger,
        random: @escaping @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) },
        flush: @escaping @Sendable () async -> Bool
    ) {
        self.settings = settings
        self.machine = machine
        self.control = control
        self.time = time
        self.boot = boot
        self.log = log
        self.random = random
        self.flush = flush
        (inputs, feed) = AsyncStream.makeStream()
        guarding = RebootGuard(mode: settings.mode, limits: settings.limits, journal: RebootJournal())
    }

    /// Takes up what an earlier run has left; control should wait for it, so that safe mode drives nothing.
    ///
    /// The cloud is told of everything from then on. Where the disk hangs, this does not return: no request is accepted
    /// meanwhile, and relays that are on by then go off should it find safe mode.
    package func begin(_ cloud: CloudService?) async {
        self.cloud = cloud
        guarding = RebootGuard(mode: settings.mode, limits: settings.limits, journal: await machine.load())
        // What an earlier run has told already is no news for the log.
        told = guarding.durable.last.map(Self.line)
        let (uptime, wall) = clocks()
        await perform(guarding.start(bootID: boot.id, at: uptime, wall: wall))
        if guarding.journal.isSafe {
            log.error("The relays stay off: \(RebootGuard.safeText).")
        }
        await tellStatus()
        hasBegun.tell()
    }

    /// Asks for a reboot and waits for the answer.
    package nonisolated func request(
        from origin: RebootRecord.Origin, after delay: Duration, isForced: Bool
    ) async -> RebootAnswer {
        guard hasBegun.isTold else { return .unknownPast }
        let id = String(random() & 0xFFFF_FFFF, radix: 16)
        let request = RebootRequest(id: id, origin: origin, delay: delay, isForced: isForced)
        return await withCheckedContinuation { continuation in
            guard case .terminated = feed.yield(.request(request, continuation)) else { return }
            continuation.resume(returning: .ending)
        }
    }

    /// The answer to a request has reached whoever asked.
    package nonisolated func confirm(_ id: String) { feed.yield(.event(.answerConfirmed(id: id))) }

    /// The hub has confirmed the report of an outcome.
    package nonisolated func acknowledge(_ id: String) { feed.yield(.event(.acknowledged(id: id))) }

    /// Ends safe mode; returns when that is done, and at once where it is not known yet whether it is on.
    package nonisolated func reset() async {
        guard hasBegun.isTold else { return }
        await withCheckedContinuation { continuation in
            guard case .terminated = feed.yield(.reset(continuation)) else { return }
            continuation.resume()
        }
    }

    /// What is known of reboots and boots, as far as it outlives a loss of power.
    package var journal: RebootJournal { guarding.durable }

    /// Runs until the program ends.
    package func run(until end: Ending) async {
        let handling = Task {
            await hasBegun.wait()
            setAlarm()
            for await input in inputs { await take(input) }
        }
        await end.wait()
        feed.yield(.event(.ending))
        feed.finish()
        await limited(to: .seconds(1), time) { await handling.value }
        alarm?.cancel()
    }

    private func take(_ input: Input) async {
        switch input {
        case .event(let event): await handle(event)
        case .request(let request, let continuation):
            reply = continuation
            await handle(.request(request, await conditions()))
            if settings.mode == .dryRun {
                log.notice(
                    "Dry run: the machine would reboot in \(request.delay.wholeSeconds) s. Nothing is done.")
            }
            // The guard answers every request; whoever asks must not wait for ever for a mistake in it.
            answer(.ending)
        case .reset(let continuation):
            await handle(.reset)
            continuation.resume()
        }
        setAlarm()
    }

    private func handle(_ event: RebootGuard.Event) async {
        let (uptime, wall) = clocks()
        await perform(guarding.handle(event, at: uptime, wall: wall))
    }

    private func conditions() async -> RebootConditions {
        guard settings.mode == .armed else { return RebootConditions() }
        return RebootConditions(
            isStored: await isStored(), inhibitor: await machine.inhibitor(),
            criticalPhase: await control.criticalPhase(settings.respects))
    }

    private func perform(_ actions: [RebootGuard.Action]) async {
        for action in actions { await perform(action) }
    }

    private func perform(_ action: RebootGuard.Action) async {
        switch action {
        case .answer(let answer): self.answer(answer)
        case .write(let purpose):
            let problem = await machine.save(guarding.journal)
            if let problem { log.error("The record of reboots could not be written: \(problem)") }
            await handle(.written(purpose, isDurable: problem == nil))
        case .holdRelays(let reason): await control.hold(reason)
        case .releaseRelays: await control.release()
        case .prepare(let isForced): await handle(.prepared(problem: await prepare(isForced: isForced)))
        case .askPower:
            log.notice("The machine is asked to reboot.")
            let news = machine.reboot()
            Task {
                for await item in news {
                    switch item {
                    case .refused(let reason): feed.yield(.event(.powerRefused(reason)))
                    case .goingDown: feed.yield(.event(.shutdownSignal))
                    }
                }
            }
        case .resume: await cloud?.comeBack()
        case .report: await tellStatus()
        }
    }

    /// Brings relays, store and connection to their end; returns what is in the way.
    private func prepare(isForced: Bool) async -> String? {
        var unconfirmed = await control.unconfirmed
        for _ in 0..<Self.relayPatience where !unconfirmed.isEmpty {
            do { try await time.sleep(for: ControlService.interval) } catch { break }
            unconfirmed = await control.unconfirmed
        }
        if let line = unconfirmed.first { return "\(line) is not confirmed off" }
        if !isForced, let inhibitor = await machine.inhibitor() { return "it is inhibited: \(inhibitor)" }
        guard await isStored() || isForced else { return "what must outlive it could not be stored" }
        await cloud?.leave(for: Self.absence)
        return nil
    }

    /// Whether everything that was to be stored is stored.
    private func isStored() async -> Bool {
        let isDrained = Ending()
        let cloud = cloud
        await limited(to: .seconds(2), time) {
            await cloud?.storeQueue.drain()
            isDrained.tell()
        }
        guard isDrained.isTold else { return false }
        return await flush()
    }

    private func tellStatus() async {
        await cloud?.report(status: StatusDocument.boots(guarding.durable))
        guard let last = guarding.durable.last else { return }
        // The hub's confirmation, and the time at which the machine was asked, change the record and not what is said.
        let line = Self.line(last)
        if line != told { log.notice("\(line)") }
        told = line
        await cloud?.report(status: StatusDocument.reboot(last))
    }

    private static func line(_ record: RebootRecord) -> String { "Reboot \(record.id): \(record.sentence)" }

    private func answer(_ answer: RebootAnswer) {
        reply?.resume(returning: answer)
        reply = nil
    }

    /// The time since the machine's start, and the civil time where it can be believed.
    private func clocks() -> (uptime: Duration, wall: WallTime?) {
        let now = time.now()
        return (
            max(.zero, boot.start.duration(to: now.monotonic)), now.wallIsTrusted ? now.wall : nil
        )
    }

    private func setAlarm() {
        alarm?.cancel()
        let due = boot.start.advanced(by: guarding.nextTick(after: clocks().uptime))
        let (time, feed) = (time, feed)
        alarm = Task {
            do { try await time.sleep(until: due) } catch { return }
            feed.yield(.event(.tick))
        }
    }
}

extension RebootAnswer {
    /// The answer of an agent that could not read yet what an earlier run has left.
    fileprivate static let unknownPast = RebootAnswer.refused(
        RebootRefusal(503, "The disk with the record of reboots does not answer. Try again when it does."))

    /// The answer of an agent that ends.
    fileprivate static let ending = RebootAnswer.refused(
        RebootRefusal(409, "The agent is ending. Try again when it runs."))
}

extension RebootRecord {
    /// The record in one sentence.
    package var sentence: String {
        let why = reason.isEmpty ? "" : ": \(reason)"
        switch state {
        case .pending:
            return "accepted from \(origin == .hub ? "the hub" : "this machine"), in \(delay.wholeSeconds) s."
        case .goingDown: return "the machine goes down."
        case .completed: return "completed\(why)."
        case .failed: return "failed\(why)."
        }
    }
}
