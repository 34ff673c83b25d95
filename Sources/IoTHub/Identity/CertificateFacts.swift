// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import COpenSSL
package import Quantities
package import Secrets

/// What a device's certificate says, once it is known to go with its key.
package struct CertificateFacts: Sendable, Equatable {
    /// The subject's common name, which DPS compares with the registration id; `nil` where there is none.
    package var commonName: String?
    /// From when on it is valid.
    package var notBefore: WallTime
    /// Until when it is valid.
    package var notAfter: WallTime
    /// How many certificates follow the device's own in the file.
    package var intermediates: Int
}

extension CertificateFacts {
    /// Reads both files' contents as TLS will, or says what is wrong with which.
    ///
    /// C functions: `PEM_read_bio_X509`, `PEM_read_bio_PrivateKey`, `X509_check_private_key`.
    package init(certificate: [UInt8], key: [UInt8], passPhrase: Secret?) throws(CertificateError) {
        let chain = Chain(pem: certificate)
        // What was tried and refused must not show up as the reason of a later failure in TLS.
        defer { ERR_clear_error() }
        guard let leaf = chain.first else {
            throw CertificateError(
                .certificate, "it holds no certificate in PEM form",
                "Name the file that begins with -----BEGIN CERTIFICATE-----.")
        }
        let key = try PrivateKey(pem: key, passPhrase: passPhrase)
        guard X509_check_private_key(leaf, key.pointer) == 1 else {
            let isLater = chain.rest.contains { X509_check_private_key($0, key.pointer) == 1 }
            throw isLater
                ? CertificateError(
                    .certificate, "the certificate of the key is not the first in it",
                    "Put the device's own certificate first, then the intermediates.")
                : CertificateError(
                    .key, "it does not belong to the certificate",
                    "Name the key that the certificate was made for.")
        }
        guard let notBefore = Self.time(X509_get0_notBefore(leaf)),
            let notAfter = Self.time(X509_get0_notAfter(leaf))
        else {
            throw CertificateError(
                .certificate, "its validity cannot be read", "Have the certificate issued anew.")
        }
        commonName = Self.commonName(of: leaf)
        (self.notBefore, self.notAfter) = (notBefore, notAfter)
        intermediates = chain.rest.count
    }

    /// C function: `ASN1_TIME_diff`, from the beginning of 1970.
    private static func time(_ time: UnsafePointer<ASN1_TIME>?) -> WallTime? {
        guard let time, let epoch = ASN1_TIME_set(nil, 0) else { return nil }
        defer { ASN1_TIME_free(epoch) }
        var (days, seconds) = (CInt(0), CInt(0))
        guard ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else { return nil }
        return WallTime(millisecondsSince1970: (Int64(days) * 86_400 + Int64(seconds)) * 1_000)
    }

    /// C function: `X509_NAME_get_text_by_NID`.
    private static func commonName(of certificate: OpaquePointer) -> String? {
        var buffer = [CChar](repeating: 0, count: 256)
        let length = X509_NAME_get_text_by_NID(
            X509_get_subject_name(certificate), NID_commonName, &buffer, CInt(buffer.count))
        guard length > 0 else { return nil }
        return IdentityRules.printable(
            String(decoding: buffer.prefix(Int(length)).map(UInt8.init(bitPattern:)), as: UTF8.self))
    }
}

/// What is wrong with a certificate, its key or its pass phrase; never contains the pass phrase.
package struct CertificateError: Error, Sendable, Hashable {
    /// Which of the three is at fault.
    package enum Part: Sendable, Hashable {
        case certificate, key, passPhrase
    }

    /// What is at fault.
    package var part: Part
    /// What is wrong with it, for "FILE cannot be used: …".
    package var problem: String
    /// What to do next, a full sentence.
    package var advice: String

    init(_ part: Part, _ problem: String, _ advice: String) {
        self.part = part
        self.problem = problem
        self.advice = advice
    }
}

/// The certificates of a PEM file in their order; other things in it are passed over.
private struct Chain: ~Copyable {
    private let certificates: [OpaquePointer]

    init(pem: [UInt8]) {
        certificates = pem.withUnsafeBytes { bytes in
            // The source reads from the array itself, which has to stay where it is meanwhile.
            guard let source = BIO_new_mem_buf(bytes.baseAddress, CInt(clamping: bytes.count)) else {
                return []
            }
            defer { BIO_free(source) }
            var found: [OpaquePointer] = []
            while let certificate = PEM_read_bio_X509(source, nil, nil, nil) { found.append(certificate) }
            return found
        }
    }

    deinit { for certificate in certificates { X509_free(certificate) } }

    var first: OpaquePointer? { certificates.first }
    var rest: ArraySlice<OpaquePointer> { certificates.dropFirst() }
}
