// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Crypto
import Foundation
import SwiftASN1
import X509

/// Checks of certificates that clients present.
enum ClientCertificate {
    /// SHA-256 of the DER form in upper-case hexadecimal.
    static func sha256(_ der: [UInt8]) -> String { hexadecimal(SHA256.hash(data: der)) }

    /// True when the thumbprint is the SHA-1 or SHA-256 of the certificate; case, blanks and colons do not count.
    static func matches(_ der: [UInt8], thumbprint: String) -> Bool {
        let wanted = thumbprint.uppercased().filter(\.isHexDigit)
        return wanted == sha256(der) || wanted == hexadecimal(Insecure.SHA1.hash(data: der))
    }

    static func isCertificate(pem: String) -> Bool { (try? Certificate(pemEncoded: pem)) != nil }

    /// What is wrong with a chain, nil when it is good.
    ///
    /// Good is: each certificate is signed by the next, the last by one of the authorities (or is one), all are
    /// valid now, and the leaf's common name is the one wanted, letter case aside.
    static func problem(
        chain: [[UInt8]], commonName: String, authorities: [String], at now: Date
    ) -> String? {
        let certificates = chain.compactMap { try? Certificate(derEncoded: $0) }
        guard let leaf = certificates.first else { return "no client certificate" }
        guard certificates.count == chain.count else { return "client certificate that cannot be read" }
        guard self.commonName(of: leaf)?.lowercased() == commonName.lowercased() else {
            return "client certificate of another common name than \"\(commonName)\""
        }
        for certificate in certificates
        where !(certificate.notValidBefore...certificate.notValidAfter).contains(now) {
            return "client certificate that is not valid now"
        }
        let roots = authorities.compactMap { try? Certificate(pemEncoded: $0) }
        for (index, certificate) in certificates.enumerated() {
            if roots.contains(where: { $0 == certificate || isSigned(certificate, by: $0) }) { return nil }
            guard index + 1 < certificates.count, isSigned(certificate, by: certificates[index + 1]) else {
                break
            }
        }
        return "client certificate without a registered authority"
    }

    private static func isSigned(_ certificate: Certificate, by issuer: Certificate) -> Bool {
        certificate.issuer == issuer.subject
            && issuer.publicKey.isValidSignature(certificate.signature, for: certificate)
    }

    /// The common name of a certificate in DER.
    static func commonName(of der: [UInt8]) -> String? {
        (try? Certificate(derEncoded: der)).flatMap { commonName(of: $0) }
    }

    private static func commonName(of certificate: Certificate) -> String? {
        for part in certificate.subject {
            for attribute in part where attribute.type == .RDNAttributeType.commonName {
                return String(describing: attribute.value)
            }
        }
        return nil
    }

    private static func hexadecimal(_ digest: some Sequence<UInt8>) -> String {
        digest.map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return byte < 16 ? "0\(digits)" : digits
        }.joined()
    }
}
