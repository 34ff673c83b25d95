// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

public import Foundation

/// Which of the two services a connection belongs to.
public enum ConnectionService: String, Sendable, Hashable {
    /// The device hub.
    case hub
    /// The provisioning service.
    case provisioning
}

/// One MQTT connection, open or ended.
public struct ConnectionRecord: Sendable, Hashable {
    /// Grows by one per accepted TLS connection.
    public let id: Int
    /// Which service it addressed; nil before CONNECT or when the user name was not understood.
    public internal(set) var service: ConnectionService?
    /// Device id, or registration id at the provisioning service.
    public internal(set) var deviceId: String?
    /// When the TLS connection was accepted.
    public let openedAt: Date
    /// When it ended, nil while open.
    public internal(set) var closedAt: Date?
    /// Why it ended, for a person.
    public internal(set) var closeReason: String?
    /// The return code sent in CONNACK, nil before.
    public internal(set) var connackCode: Int?
    /// Whether CONNACK said that an older session goes on.
    public internal(set) var sessionPresent = false
    /// The client identifier of CONNECT.
    public internal(set) var clientId: String?
    /// The raw user name of CONNECT; holds no secret.
    public internal(set) var userName: String?
    /// `api-version` of the user name.
    public internal(set) var apiVersion: String?
    /// `model-id` of the user name, decoded.
    public internal(set) var modelId: String?
    /// `DeviceClientType` of the user name, decoded.
    public internal(set) var clientType: String?
    /// Seconds, 0 for none.
    public internal(set) var keepAlive: Int = 0
    /// The clean-session flag of CONNECT.
    public internal(set) var cleanSession = false
    /// When the token given ends, nil without token.
    public internal(set) var tokenExpiry: Date?
    /// For example `TLSv1.3`.
    public internal(set) var tlsVersion: String?
    /// The server name the client asked for.
    public internal(set) var serverName: String?
    /// SHA-256 of the client certificate in upper-case hexadecimal, nil without certificate.
    public internal(set) var clientCertificate: String?
    /// Topic filters with granted QoS.
    public internal(set) var subscriptions: [String: Int] = [:]

    init(id: Int, openedAt: Date) {
        self.id = id
        self.openedAt = openedAt
    }

    /// Bytes of the texts a client chooses, for the limit of the log.
    var size: Int {
        [closeReason, deviceId, clientId, userName, apiVersion, modelId, clientType, serverName]
            .reduce(256) { $0 + ($1?.utf8.count ?? 0) }
    }
}

/// Something a correct client must not do.
public struct Violation: Sendable, Hashable {
    /// Every rule that is watched.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Bytes that are no MQTT 3.1.1 packet, or one that only a server may send.
        case malformedPacket
        /// Another protocol name or level than MQTT 3.1.1.
        case protocolVersion
        /// The first packet was not CONNECT, or CONNECT came twice.
        case connectOrder
        /// The user name is not of a documented form.
        case userName
        /// The client id is not the device or registration id.
        case clientId
        /// `api-version` is missing, or too old for what else was sent.
        case apiVersion
        /// A password that is no token, or is signed over another resource.
        case token
        /// A keep-alive of 0 or above 1767 s.
        case keepAlive
        /// The will has a topic other than telemetry, or QoS 2.
        case will
        /// PUBLISH with QoS 2, or packets of its handshake.
        case qualityOfService
        /// PUBLISH to a topic that is not documented.
        case topic
        /// SUBSCRIBE with a filter that is not documented.
        case topicFilter
        /// More than five subscriptions.
        case subscriptionCount
        /// A message above its size limit.
        case messageSize
        /// A property bag that is not percent-encoded name=value pairs.
        case propertyBag
        /// A request whose answer could not arrive for want of a subscription.
        case requestWithoutSubscription
        /// A twin request without `$rid`, with a body that breaks a rule, or with a rid still in use.
        case twinRequest
        /// A method answer with a bad status, a body that is not JSON, or for no request made.
        case methodResponse
        /// A provisioning request that breaks a rule, or a poll ahead of retry-after.
        case provisioning
        /// PUBACK for nothing that was sent.
        case acknowledgement
    }

    /// Grows by one, from 1.
    public let sequence: Int
    /// The broken rule.
    public let kind: Kind
    /// What was seen, for a person; holds no secret.
    public let detail: String
    /// Device or registration id, when known.
    public let deviceId: String?
    /// The connection it happened on.
    public let connectionId: Int
    /// When it happened.
    public let at: Date

    /// Bytes of the texts, for the limit of the log.
    var size: Int { 128 + detail.utf8.count + (deviceId?.utf8.count ?? 0) }
}
