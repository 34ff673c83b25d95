// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A control packet of MQTT 3.1.1, both directions.
enum MQTTPacket: Sendable, Hashable {
    case connect(MQTTConnect)
    case connack(sessionPresent: Bool, code: UInt8)
    case publish(MQTTPublish)
    case puback(UInt16)
    /// PUBREC, PUBREL or PUBCOMP: parts of the QoS 2 handshake, which the service does not speak.
    case qos2(type: UInt8, id: UInt16)
    case subscribe(id: UInt16, filters: [MQTTSubscription])
    case suback(id: UInt16, codes: [UInt8])
    case unsubscribe(id: UInt16, filters: [String])
    case unsuback(UInt16)
    case pingRequest
    case pingResponse
    case disconnect
}

/// A topic filter with the QoS asked for.
struct MQTTSubscription: Sendable, Hashable {
    var filter: String
    var qos: UInt8
}

/// Contents of PUBLISH.
struct MQTTPublish: Sendable, Hashable {
    var topic: String
    var payload: [UInt8]
    var qos: UInt8 = 0
    var isDuplicate = false
    var isRetained = false
    /// Not nil exactly when `qos` is above 0.
    var id: UInt16?
}

/// Contents of CONNECT.
struct MQTTConnect: Sendable, Hashable {
    /// A message the server publishes when the connection ends without DISCONNECT.
    struct Will: Sendable, Hashable {
        var topic: String
        var payload: [UInt8]
        var qos: UInt8
        var isRetained: Bool
    }

    var protocolName = "MQTT"
    var level: UInt8 = 4
    var clientId: String
    var cleanSession: Bool
    var keepAlive: UInt16
    var will: Will?
    var userName: String?
    var password: [UInt8]?
}

/// Why bytes are no packet; MQTT has no answer to them but closing.
struct MQTTError: Error, Hashable, CustomStringConvertible {
    let description: String
    /// True for a packet above the size limit, false for a broken one.
    let isTooLarge: Bool

    init(_ description: String, isTooLarge: Bool = false) {
        self.description = description
        self.isTooLarge = isTooLarge
    }
}
