// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import IoTHub
package import Logging
package import PlugAndPlay
package import Quantities
package import StateStore

/// Stores each telemetry sample before it is offered to the network, and forgets it when the hub has it.
///
/// At least once: after a lost acknowledgement or a killed process the hub gets a message again, with the same message
/// id and number.
package actor TelemetryPump {
    /// What the pump has to know.
    package struct Settings: Sendable {
        /// This boot's id, for the samples.
        package var bootID: String
        /// When this boot began.
        package var bootTime: ContinuousClock.Instant
        /// What bounds the sending.
        package var limits: SendPlan.Limits
        /// How much a power cut may cost.
        package var syncInterval: Duration
        /// How long the store waits to be told what the hub has, for more of that: a process that is killed meanwhile has it
        /// sent again.
        package var forgetDelay: Duration

        /// Makes settings from their parts.
        package init(
            bootID: String, bootTime: ContinuousClock.Instant, limits: SendPlan.Limits = SendPlan.Limits(),
            syncInterval: Duration = .seconds(60), forgetDelay: Duration = .zero
        ) {
            self.bootID = bootID
            self.bootTime = bootTime
            self.limits = limits
            self.syncInterval = syncInterval
            self.forgetDelay = forgetDelay
        }
    }

    /// Sends one message; returns when the hub has it.
    package typealias Sending = @Sendable (TelemetryMessage) async throws(HubError) -> Void

    /// A message that was set aside rests for so long.
    private static let rest = Duration.seconds(3_600)
    /// A sample that is older when it goes out carries the time of its measurement.
    static let liveAge = Duration.seconds(2)
    /// The most values that wait for a store that does not answer; then the oldest give way.
    static let mostFresh = 10_000

    private let settings: Settings
    private let queue: any TelemetryQueue
    private let time: any TimeSource
    private let log: Logger
    private let transmit: Sending
    private let mayReplay: @Sendable () -> Bool

    private var plan: SendPlan
    private var fresh: [NewSample] = []
    /// How many of ``fresh`` had to give way.
    private var displaced = 0
    private var acknowledged: [SampleKey] = []
    private var alarm: ContinuousClock.Instant?
    private var isBootDated = false
    /// Messages that the hub has taken since the start.
    package private(set) var sent = 0
    /// Messages given up because they can never be sent.
    package private(set) var refused = 0

    private let keepSignal = Signal()
    private let sendSignal = Signal()
    private let forgetSignal = Signal()

    /// Makes a pump that is offline; `transmit` sends one message, and what had to wait goes out while `mayReplay`.
    package init(
        settings: Settings, queue: any TelemetryQueue, time: any TimeSource, log: Logger,
        mayReplay: @escaping @Sendable () -> Bool = { true }, transmit: @escaping Sending
    ) {
        self.settings = settings
        self.queue = queue
        self.time = time
        self.log = log
        self.transmit = transmit
        self.mayReplay = mayReplay
        plan = SendPlan(settings.limits, at: time.now().monotonic)
    }

    /// What waits for the hub, for people.
    package var status: AgentStatus.Outbox {
        get async {
            let status = await queue.status
            return AgentStatus.Outbox(
                // The store knows neither yet: what was just measured, and what the hub has just taken.
                waiting: max(status.waiting + fresh.count - acknowledged.count, 0),
                dropped: status.thinned + status.dropped + displaced,
                aside: status.setAside, sent: sent, refused: refused, trouble: status.trouble)
        }
    }

    /// Takes a value that was measured at `takenAt`; returns at once, it is stored behind the back.
    package func offer(_ value: Double, of telemetry: Telemetry, simulated: Bool, takenAt: Now) {
        offer([Value(value, of: telemetry, simulated: simulated, takenAt: takenAt)])
    }

    /// Takes values that are stored in one transaction, behind the back; returns at once.
    package func offer(_ values: [Value]) {
        guard !values.isEmpty else { return }
        for value in values { fresh.append(sample(value)) }
        let excess = fresh.count - Self.mostFresh
        if excess > 0 {
            fresh.removeFirst(excess)
            displaced += excess
        }
        keepSignal.send()
    }

    private func sample(_ value: Value) -> NewSample {
        NewSample(
            stream: value.telemetry.component ?? "", telemetry: value.telemetry.name, value: value.value,
            isSimulated: value.isSimulated, bootID: settings.bootID,
            sinceBoot: settings.bootTime.duration(to: value.takenAt.monotonic),
            wall: value.takenAt.wallIsTrusted ? value.takenAt.wall : nil)
    }

    /// Takes a new connection, or its end.
    package func connected(_ isOnline: Bool) {
        plan.connected(isOnline)
        sendSignal.send()
    }

    /// Stores and sends until the task is cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.keep() }
            group.addTask { await self.forget() }
            group.addTask { await self.keepSynced() }
            await send()
            group.cancelAll()
        }
    }

    /// Stores what was offered, has the store forget what the hub has, and moves the rest to the disk; for the end.
    package func drain() async {
        await keepAll()
        _ = await queue.sync(at: moment)
    }

    /// What is known of a telemetry since a time, over restarts.
    package func summary(of telemetry: Telemetry, since: WallTime, until: WallTime, simulated: Bool) async
        -> HistorySummary?
    {
        await keepAll()
        return await queue.summary(
            of: telemetry.component ?? "", since: since, until: until, simulated: simulated)
    }

    private var moment: StoreMoment {
        let now = time.now()
        return StoreMoment(
            bootID: settings.bootID, sinceBoot: settings.bootTime.duration(to: now.monotonic),
            wall: now.wallIsTrusted ? now.wall : nil)
    }

    private func keepSynced() async {
        let schedule = DriftFreeSchedule(start: time.now().monotonic, every: settings.syncInterval)
        while true {
            do { try await time.sleep(until: schedule.next(after: time.now().monotonic)) } catch { return }
            // Else the disk would get what the hub has.
            await keepAll()
            _ = await queue.sync(at: moment)
            // What was set aside may be due again, and a disk that did not answer may do so now: nobody tells of either.
            plan.mayHaveMore()
            sendSignal.send()
        }
    }

    private func keep() async {
        while await keepSignal.wait() { await keepAll() }
    }

    /// What is acknowledged waits for more of it, unless something new goes to the store before.
    private func forget() async {
        while await forgetSignal.wait() {
            guard !acknowledged.isEmpty else { continue }
            if settings.forgetDelay > .zero {
                do { try await time.sleep(for: settings.forgetDelay) } catch { return }
            }
            await keepAll()
        }
    }

    /// Has the store take what is new and forget what the hub has, both at once: under load that is half of the work.
    private func keepAll() async {
        while !fresh.isEmpty || !acknowledged.isEmpty {
            let (new, done) = (fresh, acknowledged)
            fresh.removeAll(keepingCapacity: new.count <= 1_024)
            acknowledged.removeAll(keepingCapacity: done.count <= 1_024)
            await dateBoot()
            let stored = await queue.exchange(storing: new, forgetting: done)
            plan.removed(done)
            guard !stored.isEmpty else { continue }
            plan.stored(stored)
            sendSignal.send()
        }
    }

    /// Tells the store once when this boot began: samples from before the clock was set are dated by it.
    private func dateBoot() async {
        let moment = moment
        guard !isBootDated, let wall = moment.wall else { return }
        isBootDated = true
        await queue.noteBootClock(settings.bootID, wallAtBoot: wall.advanced(by: .zero - moment.sinceBoot))
    }

    private func send() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                let now = time.now().monotonic
                switch plan.next(at: now, replays: mayReplay()) {
                case .send(let sample, let isDelayed):
                    let connection = plan.connection
                    let message = await message(of: sample, isDelayed: isDelayed || isLate(sample, at: now))
                    group.addTask { await self.send(sample.key, message, on: connection) }
                case .fetch(let limit, let excluding):
                    group.addTask { await self.fetch(limit, excluding: excluding) }
                case .wait(let until):
                    // An earlier one asks again when it rings; one for each wait would make more with each ring.
                    if let until, alarm.map({ until < $0 }) ?? true {
                        alarm = until
                        group.addTask { await self.ring(at: until) }
                    }
                    guard await sendSignal.wait() else { break }
                }
            }
            group.cancelAll()
        }
    }

    /// Reads old messages; live ones go on meanwhile, also where the disk does not answer.
    private func fetch(_ limit: Int, excluding: Set<SampleKey>) async {
        plan.fetched(await queue.oldest(limit: limit, excluding: excluding, at: moment))
        sendSignal.send()
    }

    private func ring(at instant: ContinuousClock.Instant) async {
        do { try await time.sleep(until: instant) } catch { return }
        if alarm == instant { alarm = nil }
        sendSignal.send()
    }

    private func send(_ key: SampleKey, _ message: TelemetryMessage, on connection: Int) async {
        do throws(HubError) {
            try await transmit(message)
            sent += 1
            finish(key)
        } catch {
            await failed(key, error, connection)
        }
    }

    private func finish(_ key: SampleKey) {
        plan.acknowledged(key)
        acknowledged.append(key)
        forgetSignal.send()
        sendSignal.send()
    }

    private func failed(_ key: SampleKey, _ error: HubError, _ connection: Int) async {
        switch error.code {
        case .invalidMessage, .rejected:
            refused += 1
            log.error("Message \(key) was given up because it can never be sent: \(error)")
            finish(key)
        case .offline, .connectionLost, .stopped, .cancelled:
            log.debug("Message \(key) waits: \(error)")
            if plan.lost(key, on: connection, withConnection: error.code == .connectionLost) {
                log.error(
                    """
                    Message \(key) ended the connection each time it was sent alone. It rests for an hour, and the \
                    others go on.
                    """)
                await queue.setAside([key], until: moment.sinceBoot + Self.rest, bootID: settings.bootID)
            }
            sendSignal.send()
        }
    }

    /// Whether a live sample had to wait so long for the store that its time of arrival does not tell when it was taken.
    private func isLate(_ sample: StoredSample, at now: ContinuousClock.Instant) -> Bool {
        settings.bootTime.advanced(by: sample.sinceBoot).duration(to: now) > Self.liveAge
    }

    /// When a sample was taken by the clock as it is set now; `nil` for one of another boot.
    private func dateInThisBoot(of sample: StoredSample) -> WallTime? {
        let now = time.now()
        guard sample.bootID == settings.bootID, let wall = now.trustedWall else { return nil }
        let age = settings.bootTime.advanced(by: sample.sinceBoot).duration(to: now.monotonic)
        return wall.advanced(by: .zero - age)
    }

    /// The message as it goes out now; one that had to wait carries the time of its measurement.
    private func message(of sample: StoredSample, isDelayed: Bool) async -> TelemetryMessage {
        guard isDelayed else { return sample.message(created: .now) }
        let date = dateInThisBoot(of: sample)
        // Where the clock was set far since, it was an estimate, made before a time service could be reached.
        if let wall = sample.wall, date.map({ wall.duration(to: $0).isBelow(ClockReport.farStep) }) ?? true {
            return sample.message(created: .at(wall))
        }
        if let date { return sample.message(created: .at(date)) }
        guard let wall = await queue.date(of: sample) else { return sample.message(created: .unknown) }
        return sample.message(created: .at(wall))
    }
}

extension Duration {
    /// Whether it is shorter than `limit` in either direction.
    fileprivate func isBelow(_ limit: Duration) -> Bool { self < limit && self > .zero - limit }

    /// The ``TelemetryPump/Settings/forgetDelay`` of the program: rare enough for an idle board, and short, so that after
    /// a kill few messages come twice.
    package static let usualForgetDelay = Duration.milliseconds(500)
}
