// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import NIOSSL

/// TLS settings of the listeners.
struct TLSContexts: Sendable {
    private let store: CertificateStore
    private let normal: NIOSSLContext

    init(store: CertificateStore) throws {
        self.store = store
        normal = try NIOSSLContext(configuration: Self.configuration(store.server))
    }

    /// The context of one MQTT handshake.
    func context(_ wrong: Fault.WrongCertificate?, at now: Date) throws -> NIOSSLContext {
        guard let wrong else { return normal }
        return try NIOSSLContext(configuration: Self.configuration(try store.wrong(wrong, at: now)))
    }

    /// The settings for HTTPS, without client certificates.
    static func https(_ store: CertificateStore) throws -> TLSConfiguration {
        var configuration = try configuration(store.server)
        configuration.certificateVerification = .none
        return configuration
    }

    /// TLS 1.2 or newer, a client certificate asked for but not needed.
    private static func configuration(_ pair: CertifiedKey) throws -> TLSConfiguration {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(pair.certificate.utf8)).map {
            NIOSSLCertificateSource.certificate($0)
        }
        let key = try NIOSSLPrivateKey(bytes: Array(pair.key.utf8), format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = .optionalVerification
        return configuration
    }
}
