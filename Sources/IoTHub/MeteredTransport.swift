// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A transport that tells what a hub counts of all that goes through it.
package struct MeteredTransport: HubTransport {
    private let base: any HubTransport
    private let count: @Sendable (BillableOperation) -> Void

    /// Wraps a transport; `count` is called for what the hub has taken, and for what it has sent.
    package init(_ base: any HubTransport, count: @escaping @Sendable (BillableOperation) -> Void) {
        self.base = base
        self.count = count
    }

    /// Dials; that is free.
    package func connect(_ credentials: HubCredentials) async throws(TransportError) -> Bool {
        try await base.connect(credentials)
    }

    /// Subscribes; that is free.
    package func subscribe(to filters: [String]) async throws(TransportError) {
        try await base.subscribe(to: filters)
    }

    /// Publishes, and counts at the acknowledgement.
    package func publish(_ payload: [UInt8], to topic: String) async throws(TransportError) {
        try await base.publish(payload, to: topic)
        if let operation = BillableOperation(publishing: payload, to: topic) { count(operation) }
    }

    /// Disconnects; that is free.
    package func disconnect() async { await base.disconnect() }

    /// The messages and the end of the connection, counted as they are taken.
    package var events: AsyncStream<TransportEvent> {
        let (count, box) = (count, StreamReader(base.events))
        return AsyncStream {
            let event = await box.next()
            if case .message(let topic, let payload)? = event,
                let operation = BillableOperation(receiving: payload, from: topic)
            {
                count(operation)
            }
            return event
        }
    }
}

/// Reads one stream for one reader.
private actor StreamReader {
    private var iterator: AsyncStream<TransportEvent>.AsyncIterator

    init(_ stream: AsyncStream<TransportEvent>) { iterator = stream.makeAsyncIterator() }

    func next() async -> TransportEvent? {
        var copy = iterator
        defer { iterator = copy }
        return await copy.next(isolation: self)
    }
}
