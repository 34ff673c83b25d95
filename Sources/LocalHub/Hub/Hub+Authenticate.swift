// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

/// What the proof of identity in a CONNECT came to.
enum Authentication {
    /// Good, until the token ends.
    case accepted(tokenExpiry: Date?)
    /// Not good: the CONNACK code, why, and the violation if a correct client cannot get there.
    case refused(code: Int, reason: String, violation: Violation.Kind?)

    static func unauthorized(_ reason: String, _ violation: Violation.Kind? = nil) -> Authentication {
        .refused(code: 5, reason: reason, violation: violation)
    }
}

extension Hub {
    /// Checks a device against the registry.
    func authenticate(_ identity: ConnectIdentity, on id: Int) -> Authentication {
        guard let connection = live[id] else { return .unauthorized("connection is gone") }
        guard isOwnHost(identity.scope) else {
            return .unauthorized("\"\(identity.scope)\" is not this hub", .userName)
        }
        guard let device = states[identity.id]?.device else {
            return .unauthorized("device \"\(identity.id)\" is not registered")
        }
        guard device.isEnabled else {
            return .refused(code: 3, reason: "device \"\(identity.id)\" is disabled", violation: nil)
        }
        switch device.authentication {
        case .sas(let primary, let secondary):
            return checkToken(connection.password, keys: [primary, secondary], device: identity.id)
        case .selfSigned(let primary, let secondary):
            guard let leaf = connection.tls.certificates.first else {
                return .unauthorized("no client certificate")
            }
            let isKnown = [primary, secondary].contains { ClientCertificate.matches(leaf, thumbprint: $0) }
            return isKnown
                ? .accepted(tokenExpiry: nil) : .unauthorized("client certificate of another thumbprint")
        case .certificateAuthority:
            let problem = ClientCertificate.problem(
                chain: connection.tls.certificates, commonName: identity.id, authorities: authorities(),
                at: configuration.now())
            return problem.map { .unauthorized($0) } ?? .accepted(tokenExpiry: nil)
        }
    }

    /// True for a host name of this hub, with or without a port.
    func isOwnHost(_ host: String) -> Bool {
        configuration.hostNames.contains { bareHost($0) == bareHost(host) }
            || bareHost(configuration.assignedHub) == bareHost(host)
    }

    /// Registers an authority in PEM whose certificates devices of type `certificateAuthority` may use.
    ///
    /// Throws 400004 when the text is no certificate.
    public func addCertificateAuthority(pem: String) throws(HubFailure) {
        guard ClientCertificate.isCertificate(pem: pem) else {
            throw .argumentInvalid("The authority is not a PEM certificate.")
        }
        registeredAuthorities.append(pem)
    }

    private func authorities() -> [String] {
        registeredAuthorities
            + groupsById.values.compactMap {
                if case .authority(let pem) = $0.attestation { pem } else { nil }
            }
    }

    private func checkToken(_ password: String?, keys: [String], device: String) -> Authentication {
        guard let password, !password.isEmpty else { return .unauthorized("no token") }
        guard let token = SharedAccessSignature(password) else {
            return .unauthorized("the password is not a token", .token)
        }
        let resource = token.resource.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let host = resource.first.map(String.init) ?? ""
        guard isOwnHost(host), token.covers([host, "devices", device]) else {
            return .unauthorized("token for \"\(token.resource)\", not for device \"\(device)\"", .token)
        }
        // A key name says that a service policy signed, as gateways do; device tokens carry none.
        let candidates =
            token.keyName.map { name in configuration.servicePolicies[name].map { [$0] } ?? [] } ?? keys
        guard candidates.contains(where: token.isSigned) else { return .unauthorized("token of another key") }
        let end = token.expiryDate.addingTimeInterval(configuration.tokenGrace.seconds)
        guard end > configuration.now() else { return .unauthorized("token expired") }
        return .accepted(tokenExpiry: token.expiryDate)
    }
}
