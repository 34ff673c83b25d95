// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

public import Foundation

/// What a device asked of the provisioning service, and what came of it.
public struct RegistrationRecord: Sendable, Hashable {
    /// How far a registration is.
    public enum Status: String, Sendable, Hashable {
        /// Answers with 202 are still to come.
        case assigning
        /// The device has a hub.
        case assigned
        /// It ended with an error.
        case failed
        /// The enrollment is disabled.
        case disabled
    }

    /// The registration id as the device wrote it.
    public let registrationId: String
    /// How far it is.
    public let status: Status
    /// The assigned device, nil before and without assignment.
    public let deviceId: String?
    /// The group it was entitled by, nil for an individual enrollment.
    public let groupId: String?
    /// The member `payload` of the request, null when it was left out; a Plug and Play device puts `modelId` there.
    public let payload: JSON
    /// When the request came.
    public let createdAt: Date
}
