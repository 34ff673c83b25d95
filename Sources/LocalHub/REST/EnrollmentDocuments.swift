// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

extension Enrollment {
    /// The enrollment for the control API; ``init(registrationId:members:)`` reads the same form.
    var document: JSON {
        var members = behavior.members.merging(attestation.members) { $1 }
        members["registrationId"] = .string(registrationId)
        members["deviceId"] = deviceId.map(JSON.string)
        members["isEnabled"] = .bool(isEnabled)
        members["initialDesired"] = initialDesired
        return .object(members)
    }

    /// Reads an enrollment; only an attestation is needed: `primaryKey`, `thumbprint` or `authority` (PEM).
    init(registrationId: String, members: [String: JSON]) throws(HubFailure) {
        self.init(
            registrationId: registrationId, attestation: try Attestation(members: members),
            deviceId: members["deviceId"]?.string, isEnabled: members["isEnabled"]?.bool ?? true,
            initialDesired: members["initialDesired"], behavior: try ProvisioningBehavior(members: members))
    }
}

extension EnrollmentGroup {
    /// The group for the control API; ``init(id:members:)`` reads the same form.
    var document: JSON {
        var members = behavior.members.merging(attestation.members) { $1 }
        members["id"] = .string(id)
        members["isEnabled"] = .bool(isEnabled)
        members["initialDesired"] = initialDesired
        return .object(members)
    }

    /// Reads a group; only an attestation is needed: `primaryKey` or `authority` (PEM).
    init(id: String, members: [String: JSON]) throws(HubFailure) {
        self.init(
            id: id, attestation: try Attestation(members: members),
            isEnabled: members["isEnabled"]?.bool ?? true, initialDesired: members["initialDesired"],
            behavior: try ProvisioningBehavior(members: members))
    }
}

extension Attestation {
    fileprivate var members: [String: JSON] {
        switch self {
        case .symmetricKey(let primary, let secondary):
            ["primaryKey": .string(primary), "secondaryKey": .string(secondary)]
        case .thumbprint(let thumbprint): ["thumbprint": .string(thumbprint)]
        case .authority(let pem): ["authority": .string(pem)]
        }
    }

    fileprivate init(members: [String: JSON]) throws(HubFailure) {
        if let primary = members["primaryKey"]?.string {
            let secondary = members["secondaryKey"]?.string ?? primary
            for key in [primary, secondary] {
                guard let data = Data(base64Encoded: key), (16...64).contains(data.count) else {
                    throw .argumentInvalid("primaryKey and secondaryKey must be base64 of 16 to 64 bytes.")
                }
            }
            self = .symmetricKey(primary: primary, secondary: secondary)
        } else if let thumbprint = members["thumbprint"]?.string {
            self = .thumbprint(thumbprint)
        } else if let pem = members["authority"]?.string {
            self = .authority(pem: pem)
        } else {
            throw .argumentInvalid("Give primaryKey (base64), thumbprint (hexadecimal) or authority (PEM).")
        }
    }
}

extension ProvisioningBehavior {
    fileprivate var members: [String: JSON] {
        var members: [String: JSON] = ["pendingReplies": .integer(pendingReplies)]
        members["retryAfter"] = retryAfter.map(JSON.integer) ?? .null
        members["assignedHub"] = assignedHub.map(JSON.string)
        members["payload"] = payload
        switch outcome {
        case .assigned: members["outcome"] = "assigned"
        case .disabled: members["outcome"] = "disabled"
        case .failed(let code, let message):
            members["outcome"] = "failed"
            members["errorCode"] = .integer(code)
            members["errorMessage"] = .string(message)
        }
        return members
    }

    fileprivate init(members: [String: JSON]) throws(HubFailure) {
        self.init(assignedHub: members["assignedHub"]?.string, payload: members["payload"])
        if let pending = members["pendingReplies"] {
            guard let count = pending.integer, (0...1000).contains(count) else {
                throw .argumentInvalid("pendingReplies must be a whole number from 0 to 1000.")
            }
            pendingReplies = count
        }
        if let given = members["retryAfter"] {
            guard given == .null || given.integer.map({ $0 >= 0 }) ?? false else {
                throw .argumentInvalid("retryAfter must be whole seconds, or null to leave it out.")
            }
            retryAfter = given.integer
        }
        switch members["outcome"]?.string ?? "assigned" {
        case "assigned": outcome = .assigned
        case "disabled": outcome = .disabled
        case "failed":
            outcome = .failed(
                code: members["errorCode"]?.integer ?? 400_208,
                message: members["errorMessage"]?.string ?? "No hub is linked.")
        default: throw .argumentInvalid("outcome must be assigned, failed or disabled.")
        }
    }
}
