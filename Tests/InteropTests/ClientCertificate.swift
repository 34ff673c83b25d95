// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import ProgramOutput

/// A client certificate made by the `openssl` program, as somebody with a real device would make it.
struct ClientCertificate {
    let certificateFile: URL
    let keyFile: URL
    /// SHA-256 of the certificate in upper-case hexadecimal.
    let thumbprint: String

    private init(name: String, in directory: URL) throws {
        certificateFile = directory.appendingPathComponent("\(name).pem")
        keyFile = directory.appendingPathComponent("\(name).key")
        let answer = try Self.openSSL([
            "x509", "-in", certificateFile.path, "-noout", "-fingerprint", "-sha256",
        ])
        thumbprint = answer.split(separator: "=").last.map { $0.filter(\.isHexDigit) } ?? ""
    }

    /// A certificate that vouches for itself.
    static func selfSigned(_ name: String, in directory: URL, isAuthority: Bool = false) throws
        -> ClientCertificate
    {
        try openSSL(
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-days", "2",
            ]
                + ["-subj", "/CN=\(name)", "-keyout", "\(name).key", "-out", "\(name).pem"]
                + ["-addext", "basicConstraints=critical,CA:\(isAuthority ? "TRUE" : "FALSE")"],
            in: directory)
        return try ClientCertificate(name: name, in: directory)
    }

    /// A certificate that an authority vouches for.
    static func signed(
        _ name: String, by authority: ClientCertificate, in directory: URL
    ) throws -> ClientCertificate {
        try openSSL(
            ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
                + ["-subj", "/CN=\(name)", "-keyout", "\(name).key", "-out", "\(name).csr"], in: directory)
        try openSSL(
            ["x509", "-req", "-in", "\(name).csr", "-CA", authority.certificateFile.path]
                + [
                    "-CAkey", authority.keyFile.path, "-set_serial", "2", "-days", "2", "-out", "\(name).pem",
                ],
            in: directory)
        return try ClientCertificate(name: name, in: directory)
    }

    @discardableResult
    private static func openSSL(_ arguments: [String], in directory: URL? = nil) throws -> String {
        try HostProgram.run("openssl", arguments, in: directory)
    }
}
