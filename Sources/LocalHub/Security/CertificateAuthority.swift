// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Crypto
import Foundation
import SwiftASN1
import X509

/// A private key and its certificate, both in PEM.
struct CertifiedKey: Sendable, Hashable {
    var certificate: String
    var key: String
}

/// A certificate authority of our own.
struct CertificateAuthority: Sendable {
    private static let day: TimeInterval = 86_400
    /// Tools refuse server certificates that live longer than 398 days.
    private static let leafLife = 390 * day
    private static let ownLife = 3650 * day

    private let certificate: Certificate
    private let key: Certificate.PrivateKey

    /// Makes a new one.
    init(name: String, at now: Date) throws {
        key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let subject = try DistinguishedName { CommonName(name) }
        let publicKey = key.publicKey
        certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: publicKey,
            notValidBefore: now - Self.day, notValidAfter: now + Self.ownLife, issuer: subject,
            subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: publicKey)
            }, issuerPrivateKey: key)
    }

    /// Takes one up that was made before.
    init(_ pair: CertifiedKey) throws {
        certificate = try Certificate(pemEncoded: pair.certificate)
        key = try Certificate.PrivateKey(pemEncoded: pair.key)
    }

    /// Certificate and key, for keeping.
    var pair: CertifiedKey {
        get throws {
            CertifiedKey(
                certificate: try certificate.serializeAsPEM().pemString + "\n",
                key: try key.serializeAsPEM().pemString + "\n")
        }
    }

    /// Signs a server certificate for those host names and addresses.
    func serverCertificate(names: [String], at now: Date, life: ClosedRange<TimeInterval>? = nil) throws
        -> CertifiedKey
    {
        try issue(
            commonName: names.first ?? "localhost", names: names, usage: [.serverAuth],
            from: now + (life?.lowerBound ?? -Self.day), to: now + (life?.upperBound ?? Self.leafLife))
    }

    /// Signs a client certificate with that common name.
    func clientCertificate(commonName: String, at now: Date) throws -> CertifiedKey {
        try issue(
            commonName: commonName, names: [], usage: [.clientAuth], from: now - Self.day,
            to: now + Self.leafLife)
    }

    /// True when a kept server certificate is ours, carries the names and is good for another 30 days.
    func stillServes(_ pair: CertifiedKey, names: [String], at now: Date) -> Bool {
        guard let leaf = try? Certificate(pemEncoded: pair.certificate),
            leaf.notValidAfter > now + 30 * Self.day,
            certificate.publicKey.isValidSignature(leaf.signature, for: leaf),
            let present = try? leaf.extensions.subjectAlternativeNames
        else { return false }
        return names.map(Self.generalName).allSatisfy(present.contains)
    }

    private func issue(
        commonName: String, names: [String], usage: [ExtendedKeyUsage.Usage], from start: Date, to end: Date
    ) throws -> CertifiedKey {
        let leafKey = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let issuerIdentifier = try certificate.extensions.subjectKeyIdentifier?.keyIdentifier
        let leaf = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: leafKey.publicKey,
            notValidBefore: start, notValidAfter: end, issuer: certificate.subject,
            subject: try DistinguishedName { CommonName(commonName) }, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage(usage)
                if !names.isEmpty { SubjectAlternativeNames(names.map(Self.generalName)) }
                SubjectKeyIdentifier(hash: leafKey.publicKey)
                AuthorityKeyIdentifier(keyIdentifier: issuerIdentifier)
            }, issuerPrivateKey: key)
        return CertifiedKey(
            certificate: try leaf.serializeAsPEM().pemString + "\n",
            key: try leafKey.serializeAsPEM().pemString + "\n")
    }

    private static func generalName(_ name: String) -> GeneralName {
        addressBytes(name).map { .ipAddress(ASN1OctetString(contentBytes: $0[...])) } ?? .dnsName(name)
    }

    /// The 4 or 16 bytes of an address literal, nil for a host name.
    ///
    /// C function: inet_pton.
    private static func addressBytes(_ name: String) -> [UInt8]? {
        var four = [UInt8](repeating: 0, count: 4)
        if inet_pton(AF_INET, name, &four) == 1 { return four }
        var sixteen = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET6, name, &sixteen) == 1 { return sixteen }
        return nil
    }
}
