// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

/// The way back to a client.
///
/// Calls return at once and keep their order.
protocol ConnectionSink: Sendable {
    /// Sends a packet.
    func send(_ packet: MQTTPacket)
    /// Closes after what was sent before.
    func close()
    /// Stops reading and writing for good, and leaves the connection open.
    func freeze()
}

/// What the TLS handshake told about a client.
struct TLSDetails: Sendable, Hashable {
    var version: String?
    var serverName: String?
    /// Client certificates in DER, the leaf first; their chain is not verified yet.
    var certificates: [[UInt8]] = []
}

/// An open MQTT connection.
struct LiveConnection {
    var record: ConnectionRecord
    let sink: any ConnectionSink
    let tls: TLSDetails
    var isFrozen = false
    var identity: ConnectIdentity?
    var will: MQTTConnect.Will?
    var password: String?
    /// Received packets so far; tells the keep-alive timer whether the client was silent.
    var packetCount = 0
    var heldPubacks: [UInt16] = []
    var delayedPubacks = 0
    var lastPacketId: UInt16 = 0
    /// Packets sent with QoS 1 and not acknowledged, with the cloud-to-device message each carries, if any.
    var unacknowledged: [UInt16: String?] = [:]
    var timers: [Int: Task<Void, Never>] = [:]

    var isConnected: Bool { record.connackCode == 0 }

    /// A packet identifier not in use on this connection.
    mutating func takePacketId() -> UInt16 {
        repeat {
            lastPacketId = lastPacketId == .max ? 1 : lastPacketId + 1
        } while unacknowledged.keys.contains(lastPacketId)
        return lastPacketId
    }
}

/// What the service keeps of a device between connections.
struct Session {
    /// Subscriptions with granted QoS; nil when no session is stored.
    var subscriptions: [String: Int]?
    var queue: [QueuedMessage] = []
}

/// A cloud-to-device message that waits for its PUBACK.
struct QueuedMessage {
    let id: String
    let message: CloudToDeviceMessage
    let expiry: Date
    var deliveries = 0
    /// The packet it travels in on the open connection.
    var packetId: UInt16?
}
