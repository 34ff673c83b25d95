// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

/// A registration in progress or done.
struct Registration {
    let operationId: String
    let registrationId: String
    let proof: RegistrationProof
    let requestPayload: JSON
    let createdAt: Date
    /// Answers with 202 still to give.
    var pendingReplies: Int
    /// Earliest moment of the next poll.
    var nextPoll: Date
    /// The device id once assigned.
    var deviceId: String?
    var etag: String
}

/// What an authenticated registration is entitled to.
struct RegistrationProof {
    let registrationId: String
    let deviceId: String
    /// nil for an individual enrollment.
    let groupId: String?
    let authentication: DeviceAuthentication
    let isEnabled: Bool
    let initialDesired: JSON?
    let behavior: ProvisioningBehavior
}

extension Registration {
    /// The answer while there is nothing to tell yet.
    var pendingDocument: JSON {
        ["operationId": .string(operationId), "status": "assigning"]
    }

    /// The answer to a poll while there is nothing to tell yet.
    var pollingDocument: JSON {
        [
            "operationId": .string(operationId), "status": "assigning",
            "registrationState": ["registrationId": .string(registrationId), "status": "assigning"],
        ]
    }

    /// The final answer.
    func finalDocument(assignedHub: String, at now: Date) -> JSON {
        var status = "assigned"
        var state: [String: JSON] = [
            "registrationId": .string(registrationId),
            "createdDateTimeUtc": .string(Timestamp.text(createdAt)),
            "lastUpdatedDateTimeUtc": .string(Timestamp.text(now)), "etag": .string(etag),
        ]
        switch proof.authentication {
        case .sas:
            state["symmetricKey"] = proof.groupId.map { ["enrollmentGroupId": .string($0)] } ?? .emptyObject
        case .selfSigned, .certificateAuthority:
            state["x509"] = proof.groupId.map { ["enrollmentGroupId": .string($0)] } ?? .emptyObject
        }
        switch proof.isEnabled ? proof.behavior.outcome : .disabled {
        case .assigned:
            state["assignedHub"] = .string(assignedHub)
            state["deviceId"] = .string(deviceId ?? proof.deviceId)
            state["substatus"] = "initialAssignment"
            state["payload"] = proof.behavior.payload
        case .failed(let code, let message):
            status = "failed"
            state["errorCode"] = .integer(code)
            state["errorMessage"] = .string(message)
        case .disabled:
            status = "disabled"
        }
        state["status"] = .string(status)
        return [
            "operationId": .string(operationId), "status": .string(status),
            "registrationState": .object(state),
        ]
    }
}
