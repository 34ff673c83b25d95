// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

/// The files in which the authority and the server certificate are kept.
struct CertificateStore: Sendable {
    /// `ca.pem`, the file clients are told to trust.
    let caFile: URL
    let authority: CertificateAuthority
    let server: CertifiedKey
    private let names: [String]

    /// Opens a directory, making what is missing, broken, of other names or near its end.
    ///
    /// The authority is made once and then kept, so that clients need to be told only once. Throws when files
    /// cannot be written.
    init(directory: URL, names: [String], at now: Date) throws {
        self.names = names
        caFile = directory.appending(path: "ca.pem")
        let caKey = directory.appending(path: "ca-key.pem")
        let leafFile = directory.appending(path: "server.pem")
        let leafKey = directory.appending(path: "server-key.pem")
        try FileManager.default.createDirectory(
            at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        if let kept = Self.read(caFile, caKey), let authority = try? CertificateAuthority(kept) {
            self.authority = authority
        } else {
            authority = try CertificateAuthority(name: "local-hub test CA", at: now)
            try Self.write(try authority.pair, caFile, caKey)
        }
        if let kept = Self.read(leafFile, leafKey), authority.stillServes(kept, names: names, at: now) {
            server = kept
        } else {
            server = try authority.serverCertificate(names: names, at: now)
            try Self.write(server, leafFile, leafKey)
        }
    }

    /// A server certificate that is wrong in one way.
    func wrong(_ kind: Fault.WrongCertificate, at now: Date) throws -> CertifiedKey {
        switch kind {
        case .authority:
            try CertificateAuthority(name: "another test CA", at: now).serverCertificate(
                names: names, at: now)
        case .hostName: try authority.serverCertificate(names: ["wrong.host.invalid"], at: now)
        case .expired: try authority.serverCertificate(names: names, at: now, life: -172_800 ... -86_400)
        }
    }

    private static func read(_ certificate: URL, _ key: URL) -> CertifiedKey? {
        guard let certificate = try? String(contentsOf: certificate, encoding: .utf8),
            let key = try? String(contentsOf: key, encoding: .utf8)
        else { return nil }
        return CertifiedKey(certificate: certificate, key: key)
    }

    private static func write(_ pair: CertifiedKey, _ certificate: URL, _ key: URL) throws {
        try pair.certificate.write(to: certificate, atomically: true, encoding: .utf8)
        try pair.key.write(to: key, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: key.path(percentEncoded: false))
    }
}
