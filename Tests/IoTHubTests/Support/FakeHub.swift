// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Secrets

@testable import IoTHub

/// A hub and DPS in memory behind the transport's interface, with scripted misbehaviour.
actor FakeHub: HubTransport {
    /// What a CONNECT meets; accepted when the script is at its end.
    enum ConnectStep: Sendable {
        case accept
        case fail(TransportError.Code)
        /// Never returns by itself.
        case hang
    }

    /// What a request meets; answered well when the script is at its end.
    enum Reply: Sendable {
        case good
        case status(Int, body: String = "")
        case silence
    }

    /// One answer of DPS, ahead of which nothing is assumed.
    struct RegistrationReply: Sendable {
        var status: Int
        var retryAfter: Int?
        var body: String
    }

    /// One accepted PUBLISH.
    struct Message: Sendable {
        var topic: String
        var payload: [UInt8]
        var text: String { String(decoding: payload, as: UTF8.self) }
    }

    nonisolated let events: AsyncStream<TransportEvent>
    private let continuation: AsyncStream<TransportEvent>.Continuation

    var connectScript: [ConnectStep] = []
    var getScript: [Reply] = []
    var patchScript: [Reply] = []
    var registrationScript: [RegistrationReply] = []
    var desired = #"{"$version":1}"#
    var reportedVersion = 1
    /// Delivered after each twin request and before its answer.
    var patchesBeforeAnswer: [(topic: String, payload: String)] = []
    var holdsTelemetry = false

    private(set) var connects: [HubCredentials] = []
    private(set) var subscriptions: [[String]] = []
    private(set) var messages: [Message] = []
    private(set) var disconnects = 0
    private(set) var isConnected = false
    private var silenced: Set<String> = []
    private var isHanging: CheckedContinuation<Void, Never>?
    private var held: [CheckedContinuation<TransportError?, Never>] = []
    private var watchers:
        [(isMet: @Sendable (isolated FakeHub) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []

    init() { (events, continuation) = AsyncStream.makeStream() }

    func connect(_ credentials: HubCredentials) async throws(TransportError) -> Bool {
        connects.append(credentials)
        let step = connectScript.isEmpty ? ConnectStep.accept : connectScript.removeFirst()
        notify()
        switch step {
        case .accept:
            isConnected = true
            notify()
            return false
        case .fail(let code): throw TransportError(code, "scripted failure")
        case .hang:
            await hang()
            throw TransportError(.cancelled, "cancelled")
        }
    }

    func subscribe(to filters: [String]) async throws(TransportError) {
        guard isConnected else { throw TransportError(.notConnected, "not connected") }
        subscriptions.append(filters)
        notify()
    }

    func publish(_ payload: [UInt8], to topic: String) async throws(TransportError) {
        guard isConnected else { throw TransportError(.notConnected, "not connected") }
        messages.append(Message(topic: topic, payload: payload))
        notify()
        if topic.hasPrefix("$") {
            answer(topic)
        } else if holdsTelemetry {
            if let error = await withCheckedContinuation({ held.append($0) }) { throw error }
        }
    }

    func disconnect() async {
        disconnects += 1
        end()
        notify()
    }

    /// Ends the connection as the network would.
    func drop(_ code: TransportError.Code = .connectionLost) {
        end()
        continuation.yield(.closed(TransportError(code, "The connection was dropped.")))
    }

    /// Delivers a message.
    func push(_ topic: String, _ payload: String) {
        continuation.yield(.message(topic: topic, payload: Array(payload.utf8)))
    }

    /// Acknowledges what was held back.
    func releaseTelemetry() {
        holdsTelemetry = false
        let waiting = held
        held = []
        for waiter in waiting { waiter.resume(returning: nil) }
    }

    /// Changes the hub in one go.
    func configure(_ change: @Sendable (isolated FakeHub) -> Void) { change(self) }

    /// Returns as soon as the condition holds.
    func wait(until isMet: @escaping @Sendable (isolated FakeHub) -> Bool) async {
        guard !isMet(self) else { return }
        await withCheckedContinuation { watchers.append((isMet, $0)) }
    }

    /// The messages whose topic begins so.
    func messages(to prefix: String) -> [Message] { messages.filter { $0.topic.hasPrefix(prefix) } }

    /// Whether the session waits for nothing that this hub is about to do.
    func isSettled(_ session: HubSession) -> Bool {
        switch session.phase {
        case .connecting: return isHanging != nil
        case .subscribing, .closing: return false
        default: break
        }
        var open: Set<String> = []
        if case .requested(let requestID, _) = session.twin.state { open.insert(requestID) }
        if case .requested(let requestID, _) = session.reports.state { open.insert(requestID) }
        if case .asked(let requestID, _) = session.registration.step { open.insert(requestID) }
        return open.isSubset(of: silenced)
    }

    private func notify() {
        var waiting = watchers
        watchers = []
        waiting.removeAll { watcher in
            guard watcher.isMet(self) else { return false }
            watcher.continuation.resume()
            return true
        }
        watchers += waiting
    }

    private func hang() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled { continuation.resume() } else { isHanging = continuation }
            }
        } onCancel: {
            Task { await self.stopHanging() }
        }
    }

    private func stopHanging() {
        isHanging?.resume()
        isHanging = nil
    }

    private func end() {
        isConnected = false
        let waiting = held
        held = []
        for waiter in waiting { waiter.resume(returning: TransportError(.connectionLost, "connection lost")) }
    }

    private func answer(_ topic: String) {
        guard let range = topic.firstRange(of: "$rid=") else { return }
        let requestID = String(topic[range.upperBound...].prefix { $0 != "&" })
        if topic.hasPrefix("$iothub/twin/GET/") {
            let reply = getScript.isEmpty ? Reply.good : getScript.removeFirst()
            for patch in patchesBeforeAnswer { push(patch.topic, patch.payload) }
            patchesBeforeAnswer = []
            answer(
                reply, requestID,
                good: (200, "", #"{"desired":\#(desired),"reported":{"$version":\#(reportedVersion)}}"#))
        } else if topic.hasPrefix("$iothub/twin/PATCH/") {
            let reply = patchScript.isEmpty ? Reply.good : patchScript.removeFirst()
            if case .good = reply { reportedVersion += 1 }
            answer(reply, requestID, good: (204, "&$version=\(reportedVersion)", ""))
        } else if topic.hasPrefix("$dps/") {
            guard !registrationScript.isEmpty else {
                silenced.insert(requestID)
                return
            }
            let reply = registrationScript.removeFirst()
            let suffix = reply.retryAfter.map { "&retry-after=\($0)" } ?? ""
            push("$dps/registrations/res/\(reply.status)/?$rid=\(requestID)\(suffix)", reply.body)
        }
    }

    private func answer(_ reply: Reply, _ requestID: String, good: (Int, String, String)) {
        switch reply {
        case .good: push("$iothub/twin/res/\(good.0)/?$rid=\(requestID)\(good.1)", good.2)
        case .status(let status, let body): push("$iothub/twin/res/\(status)/?$rid=\(requestID)", body)
        case .silence: silenced.insert(requestID)
        }
    }
}
