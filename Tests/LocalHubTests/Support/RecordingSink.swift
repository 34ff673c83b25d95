// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Synchronization

@testable import LocalHub

/// A client end that only remembers what it is sent.
final class RecordingSink: ConnectionSink {
    private struct State {
        var packets: [MQTTPacket] = []
        var isClosed = false
        var isFrozen = false
    }

    private let state = Mutex(State())

    var packets: [MQTTPacket] { state.withLock { $0.packets } }
    var isClosed: Bool { state.withLock { $0.isClosed } }
    var isFrozen: Bool { state.withLock { $0.isFrozen } }

    /// Publishes received, in order.
    var publishes: [MQTTPublish] {
        packets.compactMap { if case .publish(let publish) = $0 { publish } else { nil } }
    }

    func send(_ packet: MQTTPacket) { state.withLock { $0.packets.append(packet) } }
    func close() { state.withLock { $0.isClosed = true } }
    func freeze() { state.withLock { $0.isFrozen = true } }
}
