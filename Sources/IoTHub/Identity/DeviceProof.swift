// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Secrets

/// Files of a client certificate, as TLS reads them anew for every connection.
///
/// So a renewed certificate is used from the next connection on.
package struct ClientCertificate: Sendable, Equatable {
    /// PEM file of the certificate, then its intermediates.
    package var certificateFile: String
    /// PEM file of the private key.
    package var keyFile: String
    /// What the key is encrypted with; `nil` for a key that is not.
    package var passPhrase: Secret?

    /// Names the files.
    package init(certificateFile: String, keyFile: String, passPhrase: Secret? = nil) {
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.passPhrase = passPhrase
    }
}

/// How a device proves to a hub who it is.
package enum DeviceProof: Sendable, Equatable {
    /// Tokens made with a symmetric key, base64.
    case key(Secret)
    /// A certificate in the TLS handshake; there is no password then, and nothing to renew.
    case certificate(ClientCertificate)

    /// The symmetric key; `nil` for a certificate.
    package var key: Secret? {
        if case .key(let key) = self { key } else { nil }
    }

    /// The certificate; `nil` for a key.
    package var certificate: ClientCertificate? {
        if case .certificate(let certificate) = self { certificate } else { nil }
    }
}

extension HubIdentity {
    /// The certificate for DPS and hub alike; `nil` where a symmetric key proves the identity.
    package var certificate: ClientCertificate? {
        switch self {
        case .connectionString(let parts): parts.proof.certificate
        case .provisioning(let settings):
            if case .certificate(let certificate) = settings.credential { certificate } else { nil }
        }
    }
}
