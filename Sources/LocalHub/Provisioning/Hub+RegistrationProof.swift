// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

extension Hub {
    /// Finds the enrollment a connection may use.
    ///
    /// Throws 401002 for every reason alike, as the service does.
    func prove(_ identity: ConnectIdentity, on id: Int) throws(HubFailure) -> RegistrationProof {
        guard let connection = live[id], identity.scope == configuration.idScope else {
            throw .registrationUnauthorized("id scope")
        }
        if let enrollment = enrollmentsById[identity.id.lowercased()] {
            return RegistrationProof(
                registrationId: identity.id, deviceId: enrollment.deviceId ?? identity.id, groupId: nil,
                authentication: try prove(enrollment, identity, connection), isEnabled: enrollment.isEnabled,
                initialDesired: enrollment.initialDesired, behavior: enrollment.behavior)
        }
        for group in enrollmentGroups() {
            guard let authentication = prove(group, identity, connection) else { continue }
            return RegistrationProof(
                registrationId: identity.id, deviceId: identity.id, groupId: group.id,
                authentication: authentication, isEnabled: group.isEnabled,
                initialDesired: group.initialDesired,
                behavior: group.behavior)
        }
        throw .registrationUnauthorized("no enrollment fits")
    }

    private func prove(
        _ enrollment: Enrollment, _ identity: ConnectIdentity, _ connection: LiveConnection
    ) throws(HubFailure) -> DeviceAuthentication {
        switch enrollment.attestation {
        case .symmetricKey(let primary, let secondary):
            guard isToken(connection.password, for: identity, keys: [primary, secondary]) else {
                throw .registrationUnauthorized("token")
            }
            return .sas(primaryKey: primary, secondaryKey: secondary)
        case .thumbprint(let thumbprint):
            guard let leaf = connection.tls.certificates.first,
                ClientCertificate.matches(leaf, thumbprint: thumbprint)
            else { throw .registrationUnauthorized("client certificate") }
            return .selfSigned(primaryThumbprint: thumbprint, secondaryThumbprint: "")
        case .authority:
            throw .registrationUnauthorized("client certificate")
        }
    }

    private func prove(
        _ group: EnrollmentGroup, _ identity: ConnectIdentity, _ connection: LiveConnection
    ) -> DeviceAuthentication? {
        switch group.attestation {
        case .symmetricKey(let primary, let secondary):
            let keys = [primary, secondary].compactMap {
                SharedAccessSignature.deriveKey(group: $0, registrationId: identity.id)
            }
            guard keys.count == 2, isToken(connection.password, for: identity, keys: keys) else { return nil }
            return .sas(primaryKey: keys[0], secondaryKey: keys[1])
        case .authority(let pem):
            let problem = ClientCertificate.problem(
                chain: connection.tls.certificates, commonName: identity.id, authorities: [pem],
                at: configuration.now())
            return problem == nil ? .certificateAuthority : nil
        case .thumbprint:
            return nil
        }
    }

    private func isToken(_ password: String?, for identity: ConnectIdentity, keys: [String]) -> Bool {
        guard let token = password.flatMap(SharedAccessSignature.init) else { return false }
        return token.covers([identity.scope, "registrations", identity.id])
            && keys.contains(where: token.isSigned) && token.expiryDate > configuration.now()
    }
}

extension HubFailure {
    /// 401002: a registration is not entitled; the reason is for logs and tests only.
    static func registrationUnauthorized(_ reason: String) -> HubFailure {
        HubFailure(code: 401_002, name: "IotHubUnauthorizedAccess", message: "Unauthorized (\(reason)).")
    }
}
