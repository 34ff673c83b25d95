// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import IoTHub
package import Logging
package import PlugAndPlay
package import Quantities
import StateStore

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

        /// Makes settings from their parts.
        package init(bootID: String, bootTime: ContinuousClock.Instant, limits: SendPlan.Limits = SendPlan.Limits()) {
            self.bootID = bootID
            self.bootTime = bootTime
            self.limits = limits
        }
    }

    /// Sends one message; returns when the hub has it.
    package typealias Sending = @Sendable (TelemetryMessage) async throws(HubError) -> Void

    /// A message that was set aside rests for so long.
    private static let rest = Duration.seconds(3_600)

    private let settings: Settings
    private let queue: any TelemetryQueue
    private let time: any TimeSource
    private let log: Logger
    private let transmit: Sending

    private var plan: SendPlan
    private var fresh: [NewSample] = []
    private var acknowledged: [SampleKey] = []
    private var alarm: ContinuousClock.Instant?
    /// Messages that the hub has taken since the start.
    package private(set) var sent = 0
    /// Messages given up because they can never be sent.
    package private(set) var refused = 0

    private let freshSignal = Signal()
    private let sendSignal = Signal()
    private let removeSignal = Signal()

    /// Makes a pump that is offline; `transmit` sends one message.
    package init(
        settings: Settings, queue: any TelemetryQueue, time: any TimeSource, log: Logger, transmit: @escaping Sending
    ) {
        self.settings = settings
        self.queue = queue
        self.time = time
        self.log = log
        self.transmit = transmit
        plan = SendPlan(settings.limits, at: time.now().monotonic)
    }

    /// What waits for the hub, for people.
    package var status: AgentStatus.Outbox {
        get async {
            let level = await queue.level
            return AgentStatus.Outbox(
                // What was just measured is not in the store yet.
                waiting: level.waiting + fresh.count, dropped: level.dropped, aside: level.aside, sent: sent,
                refused: refused, trouble: level.trouble)
        }
    }

    /// Takes a value that was measured at `takenAt`; returns at once, it is stored behind the back.
    package func offer(_ value: Double, of telemetry: Telemetry, simulated: Bool, takenAt: Now) {
        fresh.append(
            NewSample(
                stream: telemetry.component ?? "", telemetry: telemetry.name, value: value, isSimulated: simulated, bootID: settings.bootID,
                sinceBoot: settings.bootTime.duration(to: takenAt.monotonic),
                wall: takenAt.wallIsTrusted ? takenAt.wall : nil))
        freshSignal.send()
    }

    /// Takes a new connection, or its end.
    package func connected(_ isOnline: Bool) {
        plan.connected(isOnline)
        sendSignal.send()
    }

    /// Stores and sends until the task is cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.storeFresh() }
            group.addTask { await self.forget() }
            await send()
            group.cancelAll()
        }
    }

    /// Stores what was offered, and has the store forget what the hub has; for the end of the program.
    package func drain() async {
        await storeAll()
        await removeAll()
    }

    private func storeFresh() async {
        while await freshSignal.wait() { await storeAll() }
    }

    private func storeAll() async {
        while !fresh.isEmpty {
            let batch = fresh
            fresh.removeAll(keepingCapacity: batch.count <= 1_024)
            plan.stored(await queue.append(batch))
            sendSignal.send()
        }
    }

    private func forget() async {
        while await removeSignal.wait() { await removeAll() }
    }

    private func removeAll() async {
        while !acknowledged.isEmpty {
            let batch = acknowledged
            acknowledged.removeAll(keepingCapacity: batch.count <= 1_024)
            await queue.remove(batch)
            plan.removed(batch)
        }
    }

    private func send() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                switch plan.next(at: time.now().monotonic) {
                case .send(let sample, let isDelayed):
                    let connection = plan.connection
                    let message = await message(of: sample, isDelayed: isDelayed)
                    group.addTask { await self.send(sample.key, message, on: connection) }
                case .fetch(let limit, let excluding):
                    plan.fetched(await queue.oldest(limit: limit, excluding: excluding, at: time.now()))
                case .wait(let until):
                    if let until, until != alarm {
                        alarm = until
                        group.addTask { await self.ring(at: until) }
                    }
                    guard await sendSignal.wait() else { break }
                }
            }
            group.cancelAll()
        }
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
        removeSignal.send()
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
                await queue.setAside(key, until: time.now().wall?.advanced(by: Self.rest))
            }
            sendSignal.send()
        }
    }

    /// The message as it goes out now; one that had to wait carries the time of its measurement.
    private func message(of sample: StoredSample, isDelayed: Bool) async -> TelemetryMessage {
        guard isDelayed else { return sample.message(created: .now) }
        if let wall = sample.wall { return sample.message(created: .at(wall)) }
        let now = time.now()
        if sample.bootID == settings.bootID, now.wallIsTrusted, let wall = now.wall {
            let age = settings.bootTime.advanced(by: sample.sinceBoot).duration(to: now.monotonic)
            return sample.message(created: .at(wall.advanced(by: .zero - age)))
        }
        guard let wall = await queue.date(of: sample) else { return sample.message(created: .unknown) }
        return sample.message(created: .at(wall))
    }
}
