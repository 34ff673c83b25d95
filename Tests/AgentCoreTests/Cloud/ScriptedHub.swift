// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import PlugAndPlay
import StrictJSON
import Synchronization

/// A hub in the test: keeps a twin, confirms everything at once, and keeps what arrives.
final class ScriptedHub: HubTransport {
    private struct State {
        var desired: JSONValue = ["$version": 1]
        var reported: JSONValue = ["$version": 1]
        var patches: [JSONValue] = []
        var answers: [String: Int] = [:]
        var connects = 0
    }

    let events: AsyncStream<TransportEvent>
    private let sink: AsyncStream<TransportEvent>.Continuation
    private let state = Mutex(State())

    init() { (events, sink) = AsyncStream.makeStream() }

    /// The reported patches that arrived, in order.
    var patches: [JSONValue] { state.withLock(\.patches) }
    /// The reported section as it is now.
    var reported: JSONValue { state.withLock(\.reported) }
    /// The statuses of answered commands by request id.
    var answers: [String: Int] { state.withLock(\.answers) }
    /// How often the device connected.
    var connects: Int { state.withLock(\.connects) }

    /// Changes the desired section and tells the device, unless it has no connection.
    func desire(_ part: JSONValue, version: Int64, isHeard: Bool = true) {
        var patch = part
        patch["$version"] = .int(version)
        state.withLock { $0.desired = $0.desired.merged(with: patch) }
        if isHeard {
            deliver(patch.text, to: "$iothub/twin/PATCH/properties/desired/?$version=\(version)")
        }
    }

    /// Calls a command; its answer is in ``answers`` under `id`.
    func call(_ name: String, _ payload: String, id: String) {
        deliver(payload, to: "$iothub/methods/POST/\(name)/?$rid=\(id)")
    }

    /// Makes the reported section what an operator's reset of the twin leaves.
    func forgetReported() { state.withLock { $0.reported = ["$version": 1] } }

    /// Ends the connection.
    func drop() { sink.yield(.closed(TransportError(.connectionLost, "the test ended the connection"))) }

    func connect(_ credentials: HubCredentials) async throws(TransportError) -> Bool {
        state.withLock { $0.connects += 1 }
        return false
    }

    func subscribe(to filters: [String]) async throws(TransportError) {}
    func disconnect() async {}

    func publish(_ payload: [UInt8], to topic: String) async throws(TransportError) {
        guard let mark = topic.lastIndex(of: "?") else { return }
        let request = topic[topic.index(after: mark)...]
        if topic.hasPrefix("$iothub/twin/GET/") {
            let twin = state.withLock { ["desired": $0.desired, "reported": $0.reported] as JSONValue }
            deliver(twin.text, to: "$iothub/twin/res/200/?\(request)")
        } else if topic.hasPrefix("$iothub/twin/PATCH/properties/reported/") {
            guard let patch = try? JSONValue(parsing: payload) else { return }
            state.withLock { state in
                state.patches.append(patch)
                state.reported = state.reported.merged(with: patch)
            }
            deliver("", to: "$iothub/twin/res/204/?\(request)&$version=2")
        } else if topic.hasPrefix("$iothub/methods/res/") {
            let parts = topic.split(separator: "/")
            let id = String(request.dropFirst("$rid=".count))
            state.withLock { $0.answers[id] = parts.count > 3 ? Int(parts[3]) : nil }
        }
    }

    private func deliver(_ payload: String, to topic: String) {
        sink.yield(.message(topic: topic, payload: Array(payload.utf8)))
    }
}
