// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

extension TelemetryRecord {
    /// The message for the control API: `body` only when it is JSON, `bodyBase64` always.
    var document: JSON {
        var members: [String: JSON] = [
            "sequence": .integer(sequence),
            "deviceId": .string(deviceId),
            "systemProperties": .object(systemProperties.mapValues(JSON.string)),
            "properties": .object(properties.mapValues(JSON.string)),
            "bodyBase64": .string(Data(body).base64EncodedString()),
            "qos": .integer(qos),
            "isDuplicate": .bool(isDuplicate),
            "receivedAt": .string(Timestamp.text(receivedAt)),
        ]
        members["component"] = component.map(JSON.string)
        members["body"] = json
        members["modelId"] = modelId.map(JSON.string)
        members["packetId"] = packetId.map(JSON.integer)
        return .object(members)
    }
}

extension Violation {
    /// The violation for the control API.
    var document: JSON {
        [
            "sequence": .integer(sequence),
            "kind": .string(kind.rawValue),
            "detail": .string(detail),
            "deviceId": deviceId.map(JSON.string) ?? .null,
            "connectionId": .integer(connectionId),
            "at": .string(Timestamp.text(at)),
        ]
    }
}

extension ConnectionRecord {
    /// The connection for the control API; members without a value are left out.
    var document: JSON {
        var members: [String: JSON] = [
            "id": .integer(id),
            "openedAt": .string(Timestamp.text(openedAt)),
            "isOpen": .bool(closedAt == nil),
            "sessionPresent": .bool(sessionPresent),
            "keepAlive": .integer(keepAlive),
            "cleanSession": .bool(cleanSession),
            "subscriptions": .object(subscriptions.mapValues(JSON.integer)),
        ]
        members["closedAt"] = closedAt.map { .string(Timestamp.text($0)) }
        members["tokenExpiry"] = tokenExpiry.map { .string(Timestamp.text($0)) }
        members["connackCode"] = connackCode.map(JSON.integer)
        let texts = [
            "service": service?.rawValue, "deviceId": deviceId, "closeReason": closeReason,
            "clientId": clientId,
            "userName": userName, "apiVersion": apiVersion, "modelId": modelId, "clientType": clientType,
            "tlsVersion": tlsVersion, "serverName": serverName, "clientCertificate": clientCertificate,
        ]
        for (name, text) in texts { members[name] = text.map(JSON.string) }
        return .object(members)
    }
}

extension RegistrationRecord {
    /// The registration for the control API.
    var document: JSON {
        [
            "registrationId": .string(registrationId),
            "status": .string(status.rawValue),
            "deviceId": deviceId.map(JSON.string) ?? .null,
            "groupId": groupId.map(JSON.string) ?? .null,
            "payload": payload,
            "createdAt": .string(Timestamp.text(createdAt)),
        ]
    }
}

extension CloudToDeviceMessage {
    /// Reads a message: `body` (any JSON; a text is sent bare) or `bodyBase64`, and properties, all optional.
    ///
    /// Throws 400004 for a body given twice, broken base64 or a property that is neither text nor null.
    init(members: [String: JSON]) throws(HubFailure) {
        var properties: [String: String?] = [:]
        for (name, value) in members["properties"]?.object ?? [:] {
            guard value == .null || value.string != nil else {
                throw .argumentInvalid("The property \"\(name)\" must be a text or null.")
            }
            properties.updateValue(value.string, forKey: name)
        }
        let lifetime = members["timeToLive"]?.double ?? 3600
        guard (0...172_800).contains(lifetime) else {
            throw .argumentInvalid("timeToLive must be 0 to 172800 seconds (two days).")
        }
        self.init(
            messageId: members["messageId"]?.string, correlationId: members["correlationId"]?.string,
            userId: members["userId"]?.string, contentType: members["contentType"]?.string,
            contentEncoding: members["contentEncoding"]?.string, properties: properties,
            body: try Self.body(members), timeToLive: .seconds(lifetime))
    }

    private static func body(_ members: [String: JSON]) throws(HubFailure) -> [UInt8] {
        switch (members["body"], members["bodyBase64"]) {
        case (nil, nil): return []
        case (.string(let text), nil): return Array(text.utf8)
        case (let value?, nil): return value.bytes
        case (nil, .string(let text)?):
            guard let data = Data(base64Encoded: text) else {
                throw .argumentInvalid("bodyBase64 is not base64.")
            }
            return Array(data)
        default:
            throw .argumentInvalid("Give either body or bodyBase64 (a text).")
        }
    }
}
