// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
package import StrictJSON

extension HubClient {
    /// Sends one message; returns when the hub has stored it (PUBACK).
    ///
    /// Throws `.offline` at once while there is no connection, and `.connectionLost` when it ends first: send it
    /// again later; the hub may then have it twice. Waits while a token renewal is under way, and repeats by itself
    /// what a renewal cut off. Throws `.invalidMessage` for what the hub would answer by closing the connection.
    package func send(_ message: TelemetryMessage) async throws(HubError) {
        while true {
            try await passGate()
            let (topic, payload) = try message.encoded(deviceID: session.assignment?.deviceID ?? "")
            switch await publish(payload, to: topic) {
            case .acknowledged: return
            case .cutOff: continue
            case .failed(let error): throw error
            }
        }
    }

    /// Answers a command; every request deserves exactly one answer.
    ///
    /// Throws `.invalidMessage` where `body` cannot be JSON, has more than 128 KiB or the status is not 100…999.
    package func respond(to request: CommandRequest, status: Int, body: JSONValue) async throws(HubError) {
        let payload = body.encoded()
        guard body.isEncodable, payload.count <= 131_072, (100...999).contains(status) else {
            throw HubError(
                .invalidMessage,
                "The answer to the command cannot be sent: it is too long, a number in it is not finite, or its "
                    + "status has not three digits.")
        }
        let topic = HubTopic.methodResponse(status: status, requestID: request.requestID)
        while true {
            try await passGate()
            switch await publish(payload, to: topic) {
            case .acknowledged: return
            case .cutOff: continue
            case .failed(let error): throw error
            }
        }
    }

    /// Merges `patch` into the reported properties and returns the section's new version, 0 where the hub does not
    /// say it.
    ///
    /// One at a time, in order of calls. Answers 429 and 5xx, and silence, are repeated with growing waits while the
    /// connection lasts; 400 and the like throw `.rejected`. Waits while a token renewal is under way; throws
    /// `.offline` or `.connectionLost` like ``send(_:)``.
    package func report(_ patch: JSONValue) async throws(HubError) -> Int {
        guard patch.objectValue != nil, patch.isEncodable else {
            throw HubError(
                .invalidMessage,
                "The report cannot be sent: it is no object, or a number in it is not finite.")
        }
        guard !Task.isCancelled else { throw HubError(.cancelled, "The report was cancelled.") }
        let id = nextWaiterID()
        let payload = patch.encoded()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                reportWaiters[id] = continuation
                process(.report(id: id, payload: payload))
            }
        } onCancel: {
            Task { await self.cancelReport(id) }
        }
        return try result.get()
    }

    private func cancelReport(_ id: UInt64) {
        guard let waiter = reportWaiters.removeValue(forKey: id) else { return }
        waiter.resume(returning: .failure(HubError(.cancelled, "The report was cancelled.")))
        process(.reportCancelled(id: id))
    }

    /// How a publish ended.
    private enum PublishResult {
        case acknowledged
        /// By the renewal of the token; it has to be repeated.
        case cutOff
        case failed(HubError)
    }

    /// Publishes once.
    private func publish(_ payload: [UInt8], to topic: String) async -> PublishResult {
        let renewals = session.renewals
        let ticket = session.ledger.begin(at: time.now().monotonic)
        watchAcknowledgements()
        do throws(TransportError) {
            try await transport.publish(payload, to: topic)
            endPublish(ticket)
            return .acknowledged
        } catch {
            endPublish(ticket)
            let wasRenewal = session.isRenewing || session.renewals != renewals
            return wasRenewal && error.isLoss ? .cutOff : .failed(HubError(error))
        }
    }

    private func endPublish(_ ticket: UInt64) {
        session.ledger.end(ticket)
        if session.ledger.isEmpty, session.isDraining { process(.publishesDrained) }
    }

    /// Returns when a publish may go out; throws where none may for now.
    private func passGate() async throws(HubError) {
        while true {
            guard !Task.isCancelled else { throw HubError(.cancelled, "The call was cancelled.") }
            switch session.gate {
            case .open: return
            case .closed(let error): throw error
            case .wait: await waitAtGate()
            }
        }
    }

    private func waitAtGate() async {
        let id = nextWaiterID()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled { continuation.resume() } else { gateWaiters[id] = continuation }
            }
        } onCancel: {
            Task { await self.leaveGate(id) }
        }
    }

    private func leaveGate(_ id: UInt64) {
        gateWaiters.removeValue(forKey: id)?.resume()
    }

    /// Lets all who wait look again, where waiting has an end.
    func releaseGate() {
        guard !gateWaiters.isEmpty else { return }
        if case .wait = session.gate { return }
        let waiters = gateWaiters
        gateWaiters = [:]
        // In the order in which they came.
        for (_, waiter) in waiters.sorted(by: { $0.key < $1.key }) { waiter.resume() }
    }
}

extension HubSession {
    /// Whether something waits for the end of what is under way.
    var isDraining: Bool {
        switch phase {
        case .draining, .stopping: true
        default: false
        }
    }
}

extension TransportError {
    /// Whether the message may not have arrived because the connection ended.
    fileprivate var isLoss: Bool {
        switch code {
        case .connectionLost, .silence, .notConnected, .timedOut, .overflow: true
        default: false
        }
    }
}

extension HubError {
    /// What a failed publish means for its caller.
    fileprivate init(_ error: TransportError) {
        switch error.code {
        case .notConnected: self.init(.offline, error.message)
        case .cancelled: self.init(.cancelled, error.message)
        case .invalidMessage: self.init(.invalidMessage, error.message)
        default: self.init(.connectionLost, error.message)
        }
    }
}
