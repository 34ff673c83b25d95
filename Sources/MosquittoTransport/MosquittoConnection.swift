// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CMosquitto
import Glibc
import IoTHub
import ThreadExecutor

/// One connection, from the dial to its end: one libmosquitto client, used once.
///
/// A new client for each connection throws away what the library may have queued. The thread is the transport's and
/// never blocks; the dial, which does, has its own.
///
/// The life: `run` dials and attaches the poll source; `turn` serves socket and mailbox until `finish`, which frees
/// the client and answers everybody. The return codes of the library's loop functions decide whether the connection
/// lives; its callbacks only note things, since a client must not be freed inside them.
actor MosquittoConnection {
    nonisolated let mailbox: Mailbox
    private let executor: ThreadExecutor
    let options: MosquittoOptions
    let credentials: HubCredentials
    let report: @Sendable (TransportEvent) -> Bool
    private let connected: Reply<Bool>

    var client: OpaquePointer?
    var diagnosis: Diagnosis
    var isUp = false
    /// Set inside callbacks; `turn` acts on it after the library has returned.
    var verdict: TransportError?
    private var window: PublishWindow<PublishRequest, Reply<Void>>
    private var subscriptions: [Int32: Subscription] = [:]
    private var commands: [Command] = []
    private var leaving: (reply: Reply<Void>, deadline: Deadline)?
    private var nextTick = Deadline.now
    /// Whether TLS holds packets that were left for the next turn.
    private var hasUnread = false
    /// Whether TLS collects what is sent until the thread waits, and whether the socket has not taken all of it.
    var isCollecting = false
    private var hasUnsent = false
    private static let readsPerTurn = 100

    private struct Subscription {
        let reply: Reply<Void>
        let filters: [String]
        let deadline: Deadline
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(
        _ credentials: HubCredentials, options: MosquittoOptions, on executor: ThreadExecutor,
        connected: Reply<Bool>, report: @escaping @Sendable (TransportEvent) -> Bool
    ) {
        self.credentials = credentials
        self.options = options
        self.connected = connected
        self.report = report
        self.executor = executor
        mailbox = Mailbox(executor: executor)
        diagnosis = Diagnosis(credentials)
        window = PublishWindow(limit: options.window)
    }

    /// Ends `earlier`, dials, and serves the connection from then on; called once.
    func run(replacing earlier: MosquittoConnection?) async {
        // On the same executor: two clients never share its one poll source.
        await earlier?.end()
        guard !mailbox.isAbandoned else { return finish(nil) }
        let dialer = Dialer()
        let result = await dialer.dial(credentials, window: options.window)
        withExtendedLifetime(dialer) {}
        switch result {
        case .failure(let error): finish(error)
        case .success(let dialed):
            guard !mailbox.isAbandoned else {
                mosquitto_destroy(dialed.pointer)
                return finish(nil)
            }
            client = dialed.pointer
            diagnosis.phase = credentials.proxy == nil ? .handshake : .proxying
            installCallbacks(dialed.pointer)
            executor.attach(Source(self))
        }
    }

    // MARK: The loop

    /// One turn: what the socket has for us, what others want of us, what is due.
    fileprivate func turn(_ interest: Interest) {
        guard let client else { return }
        if mailbox.isAbandoned { return finish(nil) }
        var code = Int32(0)
        if interest.contains(.read) || hasUnread { code = read(client) }
        if diagnosis.phase == .proxying, mosquitto_ssl_get(client) != nil { diagnosis.phase = .handshake }
        if code == 0, verdict == nil { carryOutCommands() }
        // Last, so that TLS then tells by its own state whether it waits to write; see `interest`.
        if code == 0, mosquitto_want_write(client) { code = mosquitto_loop_write(client, 1) }
        let now = Deadline.now
        // A turn that was taken anyway, for a message, saves the wake-up that is due soon.
        if code == 0, nextTick <= now + tickInterval / 2 {
            nextTick = subscriptions.values.map(\.deadline).reduce(now + tickInterval, min)
            code = mosquitto_loop_misc(client)
            checkDeadlines(now)
        }
        conclude(client, code)
    }

    /// Sends in one system call what TLS has collected of the packets since the last wait.
    fileprivate func settle() {
        guard let client, isCollecting else { return }
        errno = 0
        let result = sensor_agent_flush(client)
        hasUnsent = result == 0
        guard result >= 0 else { return conclude(client, MOSQ_ERR_CONN_LOST.rawValue) }
        guard result == 1, leaving != nil else { return }
        // The library closes the socket right behind its DISCONNECT: that must not be collected.
        isCollecting = false
        sensor_agent_stop_buffering(client)
        mosquitto_disconnect(client)
        conclude(client, 0)
    }

    private func conclude(_ client: OpaquePointer, _ code: Int32) {
        if let verdict { return finish(verdict) }
        if let leaving, mosquitto_socket(client) < 0 || leaving.deadline <= .now { return finish(nil) }
        if code != 0 || mosquitto_socket(client) < 0 { finish(failed(code)) }
    }

    /// Reads what has arrived; TLS may take several packets off the socket at once, and no `poll` tells of the rest.
    private func read(_ client: OpaquePointer) -> Int32 {
        for _ in 0..<Self.readsPerTurn {
            errno = 0
            let code = mosquitto_loop_read(client, 1)
            // EAGAIN: what is left is the beginning of a record, whose rest `poll` will tell of.
            let isDone = code != 0 || errno == EAGAIN || verdict != nil || mosquitto_socket(client) < 0
            guard !isDone, sensor_agent_has_unread(client) else {
                hasUnread = false
                return code
            }
        }
        // Others get their turn first.
        hasUnread = true
        return 0
    }

    fileprivate var wish: (descriptor: CInt?, interest: Interest, deadline: Deadline) {
        (descriptor, interest, deadline)
    }

    fileprivate var descriptor: CInt? { client.map { mosquitto_socket($0) } }

    fileprivate var interest: Interest {
        guard let client else { return .read }
        let isWriting = hasUnsent || mosquitto_want_write(client) && !sensor_agent_waits_for_server(client)
        return isWriting ? [.read, .write] : .read
    }

    fileprivate var deadline: Deadline {
        if hasUnread { return .now }
        return leaving.map { min($0.deadline, nextTick) } ?? nextTick
    }

    /// How often the library looks after the keep-alive; each time wakes the processor.
    ///
    /// Its ping may be late by so much: the server waits for half a keep-alive more than one.
    private var tickInterval: Duration { min(max(credentials.keepAlive / 6, .seconds(1)), .seconds(10)) }

    private func checkDeadlines(_ now: Deadline) {
        if subscriptions.values.contains(where: { $0.deadline <= now }) {
            verdict = TransportError(.timedOut, "\(diagnosis.host) did not answer a SUBSCRIBE in time")
        }
    }

    // MARK: Commands

    private func carryOutCommands() {
        mailbox.take(into: &commands)
        if !commands.isEmpty {
            for command in commands {
                switch command {
                case .publish(let request): window.wait(request)
                case .subscribe(let filters, let reply): subscribe(filters, reply)
                case .disconnect(let reply): leave(reply)
                }
            }
            commands.removeAll(keepingCapacity: true)
        }
        while let request = window.next() { publish(request) }
    }

    private func publish(_ request: PublishRequest) {
        // A cancelled call whose turn had not come is not sent at all.
        guard let client, leaving == nil, !request.reply.isDecided else {
            return request.reply.resolve(.failure(lost))
        }
        var identifier = Int32(0)
        // A string passed as it is would be copied into an array first.
        let code = request.topic.withCString { topic in
            mosquitto_publish(
                client, &identifier, topic, Int32(request.payload.count), request.payload, 1, false)
        }
        switch mosq_err_t(code) {
        case MOSQ_ERR_SUCCESS:
            if !window.send(request.reply, as: identifier) {
                request.reply.resolve(.failure(lost))
                verdict = TransportError(.connectionLost, "65535 messages later one was still unacknowledged")
            }
        case MOSQ_ERR_INVAL, MOSQ_ERR_PAYLOAD_SIZE, MOSQ_ERR_MALFORMED_UTF8, MOSQ_ERR_OVERSIZE_PACKET:
            request.reply.resolve(.failure(invalid("PUBLISH to \(request.topic)", code)))
        default:
            // The library may hold the message now; the connection ends and its queue with it.
            request.reply.resolve(.failure(lost))
            verdict = failed(code)
        }
    }

    private func subscribe(_ filters: [String], _ reply: Reply<Void>) {
        guard let client, leaving == nil, !reply.isDecided else { return reply.resolve(.failure(lost)) }
        var identifier = Int32(0)
        var strings = filters.map { strdup($0) }
        defer { strings.forEach { free($0) } }
        let code = strings.withUnsafeMutableBufferPointer { buffer in
            mosquitto_subscribe_multiple(
                client, &identifier, Int32(buffer.count), buffer.baseAddress, 1, 0, nil)
        }
        guard code == 0 else {
            return reply.resolve(.failure(invalid("SUBSCRIBE to \(filters.joined(separator: ", "))", code)))
        }
        let deadline = Deadline.now + options.subscribeTimeout
        subscriptions[identifier] = Subscription(reply: reply, filters: filters, deadline: deadline)
        nextTick = min(nextTick, deadline)
    }

    private func leave(_ reply: Reply<Void>) {
        leaving = (reply, .now + options.disconnectTimeout)
        if let client, !isCollecting { mosquitto_disconnect(client) }
    }

    // MARK: What callbacks note

    func connackArrived(_ code: Int32, sessionPresent: Bool) {
        guard code == 0 else {
            let peer = "\(diagnosis.host):\(diagnosis.port)"
            verdict = Diagnosis.refusal(UInt8(clamping: code), by: peer)
            return
        }
        diagnosis.phase = .session
        diagnosis.log = []
        if let client {
            // From here on the log would cost a formatted line per packet.
            mosquitto_log_callback_set(client, nil)
            sensor_agent_read_ahead(client)
            isCollecting = sensor_agent_buffer_writes(client)
        }
        isUp = true
        mailbox.open()
        connected.resolve(.success(sessionPresent))
    }

    func pubackArrived(_ identifier: Int32) {
        window.acknowledge(identifier)?.resolve(.success(()))
    }

    func subackArrived(_ identifier: Int32, granted: [Int32]) {
        guard let subscription = subscriptions.removeValue(forKey: identifier) else { return }
        let refused = zip(subscription.filters, granted).filter { $0.1 > 2 }.map(\.0)
        guard !refused.isEmpty else { return subscription.reply.resolve(.success(())) }
        subscription.reply.resolve(
            .failure(
                TransportError(
                    .subscriptionRefused,
                    "\(diagnosis.host) refused the subscription to \(refused.joined(separator: ", "))")))
    }

    func messageArrived(topic: String, payload: [UInt8]) {
        if !report(.message(topic: topic, payload: payload)) {
            verdict = TransportError(
                .overflow, "\(options.eventLimit) messages waited unread; the connection was ended")
        }
    }

    // MARK: The end

    /// Ends at once, without a word to the server; answers a connect that still dials.
    func end() { finish(nil) }

    /// Frees the client and answers everybody; `nil` for an end that was asked for.
    private func finish(_ error: TransportError?) {
        if let client {
            executor.detach()
            mosquitto_destroy(client)
        }
        client = nil
        let left = mailbox.close()
        let failure = Result<Void, TransportError>.failure(
            error.map { isUp ? TransportError(.connectionLost, $0.message) : $0 } ?? lost)
        let (sent, waiting) = window.removeAll()
        for reply in sent { reply.resolve(failure) }
        for request in waiting { request.reply.resolve(failure) }
        for subscription in subscriptions.values { subscription.reply.resolve(failure) }
        subscriptions = [:]
        leaving?.reply.resolve(.success(()))
        for command in left {
            switch command {
            case .publish(let request): request.reply.resolve(failure)
            case .subscribe(_, let reply): reply.resolve(failure)
            case .disconnect(let reply): reply.resolve(.success(()))
            }
        }
        if isUp, let error { _ = report(.closed(error)) }
        connected.resolve(.failure(error ?? lost))
        isUp = false
    }

    private func failed(_ code: Int32) -> TransportError { diagnosis.failed(code, errno: errno).error }

    private var lost: TransportError {
        TransportError(.connectionLost, "the connection to \(diagnosis.host) has ended")
    }

    private func invalid(_ what: String, _ code: Int32) -> TransportError {
        TransportError(
            .invalidMessage, "MQTT cannot carry this \(what): \(String(cString: mosquitto_strerror(code)))")
    }
}

/// What the executor waits for: the connection's socket and its next tick.
///
/// They change in `turn` only, so they are kept here: entering the actor costs more than reading a field.
private final class Source: PollSource {
    private let connection: MosquittoConnection
    private(set) var descriptor: CInt?
    private(set) var interest: Interest
    private(set) var deadline: Deadline

    init(_ connection: isolated MosquittoConnection) {
        self.connection = connection
        descriptor = connection.descriptor
        interest = connection.interest
        deadline = connection.deadline
    }

    func ready(_ interest: Interest) {
        (descriptor, self.interest, deadline) = connection.assumeIsolated { connection in
            connection.turn(interest)
            return connection.wish
        }
    }

    func settle() {
        (descriptor, interest, deadline) = connection.assumeIsolated { connection in
            connection.settle()
            return connection.wish
        }
    }
}
