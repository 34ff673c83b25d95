// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

public import Foundation

/// One device-to-cloud message as it was accepted.
public struct TelemetryRecord: Sendable, Hashable {
    /// Grows by one per message over all devices, from 1.
    public let sequence: Int
    /// The sender.
    public let deviceId: String
    /// Decoded properties that begin with `$.`, by that name, for example `$.ct` and `$.sub`.
    public let systemProperties: [String: String]
    /// All other decoded properties.
    public let properties: [String: String]
    /// The payload bytes.
    public let body: [UInt8]
    /// The model announced by the connection, the service's `dt-dataschema`.
    public let modelId: String?
    /// 0 or 1.
    public let qos: Int
    /// True when the device marked the message as sent before.
    public let isDuplicate: Bool
    /// The packet identifier of a QoS 1 message.
    public let packetId: Int?
    /// When it arrived.
    public let receivedAt: Date

    /// Bytes of body and properties, for the limit of the log.
    var size: Int {
        let bag = [systemProperties, properties].joined()
        return bag.reduce(256 + body.count) { $0 + $1.key.utf8.count + $1.value.utf8.count }
    }

    /// The component, `$.sub`.
    public var component: String? { systemProperties["$.sub"] }

    /// The body as JSON, or nil when it is none.
    public var json: JSON? { try? JSON(parsing: body) }
}

/// A message from the cloud to one device.
public struct CloudToDeviceMessage: Sendable, Hashable {
    /// `$.mid`; made when nil.
    public var messageId: String?
    /// `$.cid`.
    public var correlationId: String?
    /// `$.uid`.
    public var userId: String?
    /// `$.ct`.
    public var contentType: String?
    /// `$.ce`.
    public var contentEncoding: String?
    /// Application properties; nil stands for a name without value.
    public var properties: [String: String?]
    /// The payload bytes, at most 64 KiB with the properties.
    public var body: [UInt8]
    /// How long it may wait, one hour by default.
    public var timeToLive: Duration

    /// Makes a message; only the body is needed.
    public init(
        messageId: String? = nil, correlationId: String? = nil, userId: String? = nil,
        contentType: String? = nil,
        contentEncoding: String? = nil, properties: [String: String?] = [:], body: [UInt8],
        timeToLive: Duration = .seconds(3600)
    ) {
        self.messageId = messageId
        self.correlationId = correlationId
        self.userId = userId
        self.contentType = contentType
        self.contentEncoding = contentEncoding
        self.properties = properties
        self.body = body
        self.timeToLive = timeToLive
    }
}

/// What a device answered to a direct method.
public struct MethodResult: Sendable, Hashable {
    /// The status chosen by the device.
    public let status: Int
    /// Its answer; `null` for an empty body.
    public let payload: JSON
}
