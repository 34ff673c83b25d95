// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import IoTHub
package import ThreadExecutor

/// Carries `IoTHub` bytes over libmosquitto: MQTT 3.1.1 over TLS 1.2 or newer.
///
/// One `MosquittoConnection` after the other; this face only hands calls over and waits, so that no call is ever
/// stuck behind the library. An empty user name in the credentials sends none, for an anonymous broker. SIGPIPE is
/// ignored process-wide from the first connect on.
package final class MosquittoTransport: HubTransport {
    package let events: AsyncStream<TransportEvent>
    /// The transport's thread, for tasks that mostly publish: run there, they save two thread switches per message.
    ///
    /// It never blocks, also not while a connect hangs; what runs on it must not block either.
    package let preferredExecutor: ThreadTaskExecutor

    private let options: MosquittoOptions
    private let sink: EventSink
    private let executor: ThreadExecutor
    private let isSharing: Bool
    private let current = Lock<MosquittoConnection?>(nil)

    /// Makes a transport without a connection.
    ///
    /// It has a thread of its own, or shares that of `executor`, which has no other poll source and outlives it.
    package init(options: MosquittoOptions = MosquittoOptions(), sharing executor: ThreadExecutor? = nil) {
        self.executor = executor ?? ThreadExecutor(name: "mqtt")
        isSharing = executor != nil
        var options = options
        options.window = max(1, min(options.window, 1000))
        self.options = options
        preferredExecutor = ThreadTaskExecutor(self.executor)
        sink = EventSink(limit: options.eventLimit)
        events = sink.stream
    }

    deinit {
        current.withLock { $0 }?.mailbox.abandon()
        if !isSharing { executor.shutdown() }
    }

    package func connect(_ credentials: HubCredentials) async throws(TransportError) -> Bool {
        let reply = Reply<Bool>()
        let generation = sink.next()
        let connection = MosquittoConnection(
            credentials, options: options, on: executor, connected: reply,
            report: { [sink] in sink.yield($0, generation: generation) })
        let earlier = current.withLock { current in
            defer { current = connection }
            return current
        }
        earlier?.mailbox.abandon()
        Task { await connection.run(replacing: earlier) }
        let timeout = options.connectTimeout
        let timer = Task {
            guard (try? await SharedThread.sleep(until: .now + timeout)) != nil else { return }
            let peer = "\(credentials.host):\(credentials.port)"
            reply.resolve(
                .failure(
                    TransportError(.timedOut, "\(peer) did not answer within \(timeout); check the network")))
        }
        defer { timer.cancel() }
        do {
            return try await reply.value()
        } catch {
            connection.mailbox.abandon()
            throw error
        }
    }

    package func subscribe(to filters: [String]) async throws(TransportError) {
        let reply = Reply<Void>()
        try post(.subscribe(filters, reply))
        try await reply.value()
    }

    package func publish(_ payload: [UInt8], to topic: String) async throws(TransportError) {
        let reply = Reply<Void>()
        try post(.publish(PublishRequest(payload: payload, topic: topic, reply: reply)))
        try await reply.value()
    }

    package func disconnect() async {
        guard let connection = current.withLock({ $0 }) else { return }
        let reply = Reply<Void>()
        guard connection.mailbox.post(.disconnect(reply)) else {
            connection.mailbox.abandon()
            return await connection.end()
        }
        // The only failure is the cancellation of this task: then the connection ends without a DISCONNECT.
        do { try await reply.value() } catch { connection.mailbox.abandon() }
    }

    private func post(_ command: Command) throws(TransportError) {
        if Task.isCancelled { throw TransportError(.cancelled, "the call was cancelled") }
        guard current.withLock({ $0 })?.mailbox.post(command) == true else {
            throw TransportError(.notConnected, "there is no connection to the hub; connect first")
        }
    }
}
