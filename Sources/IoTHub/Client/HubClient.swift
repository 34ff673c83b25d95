// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Logging
package import Quantities
import StrictJSON

/// Keeps one device connected to its hub for ever, and carries its messages.
///
/// All decisions are those of `HubSession`; this actor does what it says over the transport and feeds back the
/// results.
package actor HubClient {
    /// What the client tells by itself; one reader.
    ///
    /// Holds ``eventCapacity`` events. What finds no room is not lost silently: the twin is read again later, a
    /// command is answered with 503, and ``states`` has the latest state.
    package nonisolated let events: AsyncStream<HubClientEvent>

    /// Each state of the connection, beside ``events``, so that no flood of those can hide the latest; one reader.
    ///
    /// For a reader that is ``stateCapacity`` states behind the oldest are gone, never the latest.
    package nonisolated let states: AsyncStream<ConnectionState>

    /// How many states wait for their reader.
    package static let stateCapacity = 64

    /// How many events wait for their reader.
    package static let eventCapacity = 256

    let transport: any HubTransport
    private let cache: (any AssignmentCache)?
    let time: any TimeSource
    let log: Logger
    var session: HubSession
    var gateWaiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    var reportWaiters: [UInt64: CheckedContinuation<Result<Int, HubError>, Never>] = [:]
    private let continuation: AsyncStream<HubClientEvent>.Continuation
    private let stateFeed: AsyncStream<ConnectionState>.Continuation
    private var isReaderBehind = false
    var linkOperation: Task<Void, Never>?
    private var timer: (task: Task<Void, Never>, deadline: ContinuousClock.Instant)?
    private var reader: Task<Void, Never>?
    private var requests: [UInt64: Task<Void, Never>] = [:]
    /// The last of the cache's calls, which run one after the other.
    private var cacheWork: Task<Void, Never>?
    private var isFinished = false
    private var endWaiters: [CheckedContinuation<Void, Never>] = []
    private var waiterCount: UInt64 = 0

    /// Makes a client; nothing happens before ``run()``.
    ///
    /// - Parameters:
    ///   - transport: used by this client alone.
    ///   - cache: keeps the hub that DPS assigns over restarts.
    ///   - random: evenly distributed; spreads the waits so that many devices do not come back at once.
    package init(
        configuration: HubClientConfiguration, transport: any HubTransport,
        cache: (any AssignmentCache)? = nil, time: any TimeSource,
        random: @escaping @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) }, log: Logger
    ) {
        (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.eventCapacity))
        (states, stateFeed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.stateCapacity))
        self.transport = transport
        self.cache = cache
        self.time = time
        self.log = log
        session = HubSession(configuration: configuration, random: random)
    }

    /// Provisions where configured, connects and stays connected until ``stop()`` or the end of its task.
    ///
    /// Never gives up: every failure is followed by another attempt. Cancelling the task is the same as ``stop()``.
    package func run() async {
        if reader == nil, !isFinished {
            let stream = transport.events
            reader = Task {
                for await event in stream { receive(event) }
            }
            if let cached = await cache?.load() { process(.recalled(cached)) }
            process(.start)
        }
        await withTaskCancellationHandler {
            await ended()
        } onCancel: {
            Task { await self.stop() }
        }
        await cacheWork?.value
    }

    /// Lets messages under way finish briefly, disconnects, ends ``run()``; returns when that is done.
    ///
    /// Takes at most the limits for draining and disconnecting together, 3 s unless configured.
    package func stop() async {
        process(.stop)
        await ended()
    }

    /// The connection now.
    package var status: HubStatus {
        HubStatus(
            state: session.state, reason: session.reason, hub: session.assignment?.hub.description,
            deviceID: session.assignment?.deviceID, failures: session.failures.inARow,
            nextAttempt: session.nextAttempt.map { max(.zero, $0 - time.now().monotonic) },
            sessions: session.sessions)
    }

    /// Takes one event to the session and does what it says.
    func process(_ event: HubSession.Event) {
        for action in session.handle(event, at: time.now()) { perform(action) }
        releaseGate()
        setTimer()
        guard isReaderBehind else { return }
        isReaderBehind = false
        process(.readerBehind)
    }

    func nextWaiterID() -> UInt64 {
        waiterCount += 1
        return waiterCount
    }

    private func receive(_ event: TransportEvent) {
        switch event {
        case .message(let topic, let payload): process(.message(topic: topic, payload: payload))
        case .closed(let error): process(.closed(error))
        }
    }

    private func ended() async {
        guard !isFinished else { return }
        await withCheckedContinuation { endWaiters.append($0) }
    }
}

extension HubClient {
    private func perform(_ action: HubSession.Action) {
        switch action {
        case .connect(let credentials, let step):
            linkOperation = Task {
                do throws(TransportError) {
                    _ = try await transport.connect(credentials)
                    process(.connected(step: step))
                } catch {
                    process(.connectFailed(step: step, error))
                }
            }
        case .subscribe(let filters, let step):
            linkOperation = Task {
                do throws(TransportError) {
                    try await transport.subscribe(to: filters)
                    process(.subscribed(step: step))
                } catch {
                    process(.subscribeFailed(step: step, error))
                }
            }
        case .disconnect(let step):
            linkOperation = Task {
                await transport.disconnect()
                process(.disconnected(step: step))
            }
        case .cancelLinkOperation: linkOperation?.cancel()
        case .publish(let topic, let payload, let requestID):
            publishRequest(topic: topic, payload: payload, requestID: requestID)
        case .emit(let event): emit(event)
        case .finishReport(let id, let result):
            reportWaiters.removeValue(forKey: id)?.resume(returning: result)
        case .saveAssignment(let assignment): keep { await $0.save(assignment) }
        case .forgetAssignment: keep { await $0.forget() }
        case .log(let level, let text): log.log(level: level, "\(text)")
        case .finished: finish()
        }
    }

    /// Has the cache do something after all that it was asked for before.
    private func keep(_ call: @escaping @Sendable (any AssignmentCache) async -> Void) {
        guard let cache else { return }
        let earlier = cacheWork
        cacheWork = Task {
            await earlier?.value
            await call(cache)
        }
    }

    private func publishRequest(topic: String, payload: [UInt8], requestID: String) {
        let id = nextWaiterID()
        requests[id] = Task {
            do throws(TransportError) {
                try await transport.publish(payload, to: topic)
            } catch {
                process(.requestFailed(requestID: requestID, error))
            }
            requests[id] = nil
        }
    }

    private func emit(_ event: HubClientEvent) {
        if case .state(let state, _) = event { stateFeed.yield(state) }
        guard case .dropped = continuation.yield(event) else { return }
        switch event {
        case .state: break
        case .twin, .desired: isReaderBehind = true
        case .command(let request):
            log.warning(
                "A command was refused because too many wait.", metadata: ["method": "\(request.shownName)"])
            let body: JSONValue = ["error": "the device is busy; try again later"]
            let topic = HubTopic.methodResponse(status: 503, requestID: request.requestID)
            publishRequest(topic: topic, payload: body.encoded(), requestID: "")
        case .cloudMessage: log.warning("A cloud-to-device message was lost because too many wait.")
        }
    }

    /// Makes sure that a publish without answer is noticed.
    func watchAcknowledgements() {
        // Only the oldest publish counts. Its end does not move the timer: firing early costs one look, moving it at
        // every message would cost more.
        if session.ledger.count == 1 { setTimer() }
    }

    private func setTimer() {
        guard let deadline = session.nextDeadline, !isFinished else {
            timer?.task.cancel()
            timer = nil
            return
        }
        if let timer, timer.deadline == deadline { return }
        timer?.task.cancel()
        let task = Task {
            do throws(CancellationError) {
                try await time.sleep(until: deadline)
            } catch {
                return
            }
            guard timer?.deadline == deadline else { return }
            timer = nil
            process(.tick)
        }
        timer = (task, deadline)
    }

    private func finish() {
        isFinished = true
        reader?.cancel()
        timer?.task.cancel()
        linkOperation?.cancel()
        for task in requests.values { task.cancel() }
        continuation.finish()
        stateFeed.finish()
        for waiter in endWaiters { waiter.resume() }
        endWaiters = []
    }
}
