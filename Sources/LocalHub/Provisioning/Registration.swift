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
    /// Whether the final answer was given.
    var isFinal = false
    var etag: String

    /// What the final answer says.
    var finalStatus: RegistrationRecord.Status {
        guard proof.isEnabled else { return .disabled }
        return switch proof.behavior.outcome {
        case .assigned: .assigned
        case .failed: .failed
        case .disabled: .disabled
        }
    }

    /// What others get to see.
    var record: RegistrationRecord {
        RegistrationRecord(
            registrationId: registrationId, status: isFinal ? finalStatus : .assigning,
            deviceId: isFinal && finalStatus == .assigned ? proof.deviceId : nil, groupId: proof.groupId,
            payload: requestPayload, createdAt: createdAt)
    }
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
        let status = JSON.string(finalStatus.rawValue)
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
        switch proof.behavior.outcome {
        case .assigned where proof.isEnabled:
            state["assignedHub"] = .string(assignedHub)
            state["deviceId"] = .string(proof.deviceId)
            state["substatus"] = "initialAssignment"
            state["payload"] = proof.behavior.payload
        case .failed(let code, let message) where proof.isEnabled:
            state["errorCode"] = .integer(code)
            state["errorMessage"] = .string(message)
        case .assigned, .failed, .disabled: break
        }
        state["status"] = status
        return [
            "operationId": .string(operationId), "status": status,
            "registrationState": .object(state),
        ]
    }
}
