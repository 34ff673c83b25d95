// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub

/// A hub inside this process: confirms everything at once and answers what a device asks of its twin.
final class LoopbackHub: HubTransport {
    let events: AsyncStream<TransportEvent>
    private let sink: AsyncStream<TransportEvent>.Continuation

    init() { (events, sink) = AsyncStream.makeStream() }

    /// Sends the device a change of its desired properties.
    func change(_ patch: String, version: Int) {
        deliver(patch, to: "$iothub/twin/PATCH/properties/desired/?$version=\(version)")
    }

    func connect(_ credentials: HubCredentials) async throws(TransportError) -> Bool { false }
    func subscribe(to filters: [String]) async throws(TransportError) {}
    func disconnect() async {}

    func publish(_ payload: [UInt8], to topic: String) async throws(TransportError) {
        guard topic.hasPrefix("$iothub/twin/"), let mark = topic.lastIndex(of: "?") else { return }
        let request = topic[topic.index(after: mark)...]
        if topic.hasPrefix("$iothub/twin/GET/") {
            deliver(
                #"{"desired":{"$version":1},"reported":{"$version":1}}"#,
                to: "$iothub/twin/res/200/?\(request)")
        } else {
            deliver("", to: "$iothub/twin/res/204/?\(request)&$version=2")
        }
    }

    private func deliver(_ payload: String, to topic: String) {
        sink.yield(.message(topic: topic, payload: Array(payload.utf8)))
    }
}
