// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import COpenSSL
import Secrets

/// A private key, read to see whether TLS will be able to.
struct PrivateKey: ~Copyable {
    /// The `EVP_PKEY`, freed with this value.
    let pointer: OpaquePointer

    /// Reads a PEM file's contents with the pass phrase, where it needs one.
    init(pem: [UInt8], passPhrase: Secret?) throws(CertificateError) {
        let request = Request(passPhrase)
        let pointer = pem.withUnsafeBytes { bytes -> OpaquePointer? in
            // The source reads from the array itself, which has to stay where it is meanwhile.
            guard let source = BIO_new_mem_buf(bytes.baseAddress, CInt(clamping: bytes.count)) else {
                return nil
            }
            defer { BIO_free(source) }
            let context = Unmanaged.passUnretained(request).toOpaque()
            return withExtendedLifetime(request) {
                PEM_read_bio_PrivateKey(source, nil, Self.answer, context)
            }
        }
        guard let pointer else { throw Self.failure(wasAsked: request.wasAsked, passPhrase) }
        self.pointer = pointer
    }

    deinit { EVP_PKEY_free(pointer) }

    /// What OpenSSL asks for the pass phrase.
    private final class Request {
        let passPhrase: Secret?
        var wasAsked = false
        init(_ passPhrase: Secret?) { self.passPhrase = passPhrase }
    }

    /// Without an answer of ours OpenSSL would ask at the terminal.
    private static let answer:
        @convention(c) (UnsafeMutablePointer<CChar>?, CInt, CInt, UnsafeMutableRawPointer?) -> CInt = {
            buffer, size, _, context in
            guard let context else { return -1 }
            let request = Unmanaged<Request>.fromOpaque(context).takeUnretainedValue()
            request.wasAsked = true
            return request.passPhrase.map { $0.write(to: buffer, size: size) } ?? -1
        }

    private static func failure(wasAsked: Bool, _ passPhrase: Secret?) -> CertificateError {
        switch (wasAsked, passPhrase) {
        case (true, nil):
            CertificateError(
                .passPhrase, "it is encrypted, and there is no pass phrase for it",
                "Set hub.certificate-pass-phrase-file.")
        case (true, _?):
            CertificateError(
                .passPhrase, "the pass phrase does not open it", "Correct the pass phrase.")
        case (false, _):
            CertificateError(
                .key, "it holds no private key in PEM form",
                "Name the file that begins with -----BEGIN PRIVATE KEY----- or the like.")
        }
    }
}

extension Secret {
    /// Answers OpenSSL's question for a pass phrase: its bytes without a terminator, or -1 where they do not fit.
    ///
    /// C type: `pem_password_cb`.
    package func write(to buffer: UnsafeMutablePointer<CChar>?, size: CInt) -> CInt {
        let bytes = Array(reveal().utf8)
        guard let buffer, bytes.count <= Int(size) else { return -1 }
        for (index, byte) in bytes.enumerated() { buffer[index] = CChar(bitPattern: byte) }
        return CInt(bytes.count)
    }
}
