// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

extension Hub {
    /// Individual enrollments in order of their registration ids.
    public func enrollments() -> [Enrollment] {
        enrollmentsById.values.sorted { $0.registrationId < $1.registrationId }
    }

    /// Enrollment groups in order of their names.
    public func enrollmentGroups() -> [EnrollmentGroup] {
        groupsById.values.sorted { $0.id < $1.id }
    }

    /// The latest registration of every id that was entitled to one, in order of their ids.
    public func registrations() -> [RegistrationRecord] {
        registrationsById.values.map(\.record).sorted { $0.registrationId < $1.registrationId }
    }

    /// Creates or replaces an individual enrollment.
    ///
    /// Throws 400004 for what is not allowed.
    public func putEnrollment(_ enrollment: Enrollment) throws(HubFailure) {
        try EnrollmentRules.check(id: enrollment.registrationId)
        try EnrollmentRules.check(enrollment.attestation, isGroup: false)
        try EnrollmentRules.check(enrollment.behavior)
        if let device = enrollment.deviceId { try DeviceRules.checkId(device) }
        if let desired = enrollment.initialDesired { try TwinRules.check(desired) }
        enrollmentsById[enrollment.registrationId.lowercased()] = enrollment
        registrationsById[enrollment.registrationId.lowercased()] = nil
        changed()
    }

    /// Creates or replaces an enrollment group.
    ///
    /// Throws 400004 for what is not allowed.
    public func putEnrollmentGroup(_ group: EnrollmentGroup) throws(HubFailure) {
        try EnrollmentRules.check(id: group.id)
        try EnrollmentRules.check(group.attestation, isGroup: true)
        try EnrollmentRules.check(group.behavior)
        if let desired = group.initialDesired { try TwinRules.check(desired) }
        groupsById[group.id] = group
        changed()
    }

    /// Removes an individual enrollment; its device stays.
    ///
    /// Throws 404201 when there is none.
    public func deleteEnrollment(_ registrationId: String) throws(HubFailure) {
        guard enrollmentsById.removeValue(forKey: registrationId.lowercased()) != nil else {
            throw .enrollmentNotFound(registrationId)
        }
        registrationsById[registrationId.lowercased()] = nil
        changed()
    }

    /// Removes a group; its devices stay.
    ///
    /// Throws 404201 when there is none.
    public func deleteEnrollmentGroup(_ id: String) throws(HubFailure) {
        guard groupsById.removeValue(forKey: id) != nil else { throw .enrollmentNotFound(id) }
        changed()
    }
}

/// What enrollments allow.
enum EnrollmentRules {
    static func check(id: String) throws(HubFailure) {
        let isAllowed = id.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-:".contains($0)) }
        let ends = [id.first, id.last].allSatisfy { $0?.isLetter == true || $0?.isNumber == true }
        guard isAllowed, ends, id.utf8.count <= 128 else {
            throw .argumentInvalid(
                "Id \"\(id)\" is not allowed. Use 1 to 128 letters, digits and . _ - : within.")
        }
    }

    static func check(_ attestation: Attestation, isGroup: Bool) throws(HubFailure) {
        switch attestation {
        case .symmetricKey(let primary, let secondary):
            for key in [primary, secondary] {
                guard let data = Data(base64Encoded: key), (16...64).contains(data.count) else {
                    throw .argumentInvalid("An enrollment key must be base64 of 16 to 64 bytes.")
                }
            }
        case .thumbprint(let text):
            guard !isGroup, [40, 64].contains(text.filter(\.isHexDigit).count) else {
                throw .argumentInvalid(
                    "A thumbprint is 40 or 64 hexadecimal digits, for individual enrollments.")
            }
        case .authority(let pem):
            guard isGroup, ClientCertificate.isCertificate(pem: pem) else {
                throw .argumentInvalid("An authority is a certificate in PEM, for groups.")
            }
        }
    }

    static func check(_ behavior: ProvisioningBehavior) throws(HubFailure) {
        guard behavior.pendingReplies >= 0, behavior.retryAfter ?? 0 >= 0 else {
            throw .argumentInvalid("pendingReplies and retryAfter must not be negative.")
        }
    }
}
