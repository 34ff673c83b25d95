// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

extension Device {
    /// The identity as the service API writes it.
    var document: JSON {
        [
            "deviceId": .string(id),
            "generationId": .string(generationId),
            "etag": .string(etag),
            "connectionState": .string(connectionState),
            "status": .string(status),
            "statusReason": statusReason.map(JSON.string) ?? .null,
            "connectionStateUpdatedTime": .string(Timestamp.text(connectionStateUpdated)),
            "statusUpdatedTime": .string(Timestamp.text(statusUpdated)),
            "lastActivityTime": .string(Timestamp.text(lastActivity)),
            "cloudToDeviceMessageCount": .integer(queuedMessages),
            "authentication": authentication.document,
            "capabilities": ["iotEdge": false],
        ]
    }

    /// `enabled` or `disabled`.
    var status: String { isEnabled ? "enabled" : "disabled" }

    /// `Connected` or `Disconnected`.
    var connectionState: String { isConnected ? "Connected" : "Disconnected" }
}

extension DeviceAuthentication {
    /// The mechanism with the members of all mechanisms; those of the others are null.
    var document: JSON {
        var keys: (JSON, JSON) = (.null, .null)
        if case .sas(let primary, let secondary) = self { keys = (.string(primary), .string(secondary)) }
        return [
            "type": .string(type),
            "symmetricKey": ["primaryKey": keys.0, "secondaryKey": keys.1],
            "x509Thumbprint": thumbprintDocument,
        ]
    }

    /// The thumbprints, null where there are none.
    var thumbprintDocument: JSON {
        guard case .selfSigned(let primary, let secondary) = self else {
            return ["primaryThumbprint": .null, "secondaryThumbprint": .null]
        }
        return ["primaryThumbprint": .string(primary), "secondaryThumbprint": .string(secondary)]
    }

    /// Reads the `authentication` member of a device.
    ///
    /// Throws 400004 for an unknown type or members of the wrong type. Keys left out become empty texts, which
    /// the registry replaces by new keys.
    init(document: JSON) throws(HubFailure) {
        func text(_ group: String, _ name: String) throws(HubFailure) -> String {
            switch document[group]?[name] {
            case nil, .null: return ""
            case .string(let text): return text
            default: throw .argumentInvalid("authentication.\(group).\(name) must be a text.")
            }
        }
        switch document["type"]?.string ?? "sas" {
        case "sas":
            self = .sas(
                primaryKey: try text("symmetricKey", "primaryKey"),
                secondaryKey: try text("symmetricKey", "secondaryKey"))
        case "selfSigned":
            self = .selfSigned(
                primaryThumbprint: try text("x509Thumbprint", "primaryThumbprint"),
                secondaryThumbprint: try text("x509Thumbprint", "secondaryThumbprint"))
        case "certificateAuthority":
            self = .certificateAuthority
        case let other:
            throw .argumentInvalid(
                "authentication.type is \"\(other)\"; use sas, selfSigned or certificateAuthority.")
        }
    }
}

extension DeviceSpecification {
    /// Reads the body of `PUT /devices/{id}`; throws 400004 where it cannot be understood.
    init(members: [String: JSON]) throws(HubFailure) {
        self.init()
        if let authentication = members["authentication"], authentication != .null {
            self.authentication = try DeviceAuthentication(document: authentication)
        }
        switch members["status"] {
        case nil, .null: break
        case .string("enabled"): isEnabled = true
        case .string("disabled"): isEnabled = false
        default: throw .argumentInvalid("status must be \"enabled\" or \"disabled\".")
        }
        statusReason = members["statusReason"]?.string
    }
}

extension Twin {
    /// The twin as the service API writes it, with what the registry knows of its device.
    func document(of device: Device) -> JSON {
        [
            "deviceId": .string(deviceId),
            "etag": .string(etag),
            "deviceEtag": .string(device.etag),
            "status": .string(device.status),
            "statusUpdateTime": .string(Timestamp.text(device.statusUpdated)),
            "connectionState": .string(device.connectionState),
            "lastActivityTime": .string(Timestamp.text(device.lastActivity)),
            "cloudToDeviceMessageCount": .integer(device.queuedMessages),
            "authenticationType": .string(device.authentication.type),
            "x509Thumbprint": device.authentication.thumbprintDocument,
            "modelId": .string(modelId ?? ""),
            "version": .integer(version),
            "tags": tags,
            "properties": ["desired": desired.serviceDocument, "reported": reported.serviceDocument],
            "capabilities": ["iotEdge": false],
        ]
    }
}
