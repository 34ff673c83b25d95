// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import ProgramOutput

/// A device's certificate and key made by the `openssl` program, as somebody with a real device would make them.
struct TestCertificate {
    /// What encrypted keys of the tests are encrypted with.
    static let passPhrase = "open-sesame-of-the-tests"

    let folder: TemporaryFolder
    let name: String

    var certificateFile: String { folder.url.appendingPathComponent("\(name).pem").path }
    var keyFile: String { folder.url.appendingPathComponent("\(name).key").path }
    var pem: String { get throws { try String(contentsOfFile: certificateFile, encoding: .utf8) } }

    /// The variables that give it to the agent.
    var environment: [String: String] {
        ["IOTHUB_DEVICE_X509_CERT": certificateFile, "IOTHUB_DEVICE_X509_KEY": keyFile]
    }

    /// SHA-256 of the certificate in upper-case hexadecimal.
    var thumbprint: String {
        get async throws {
            let answer = try await Self.openSSL(
                ["x509", "-in", certificateFile, "-noout", "-fingerprint", "-sha256"], in: folder)
            return answer.split(separator: "=").last.map { $0.filter(\.isHexDigit) } ?? ""
        }
    }

    /// A certificate that vouches for itself; negative `days` make one that has expired.
    static func selfSigned(
        _ name: String, in folder: TemporaryFolder, isAuthority: Bool = false, days: Int = 90
    ) async throws -> TestCertificate {
        try await request(name, in: folder)
        try """
        basicConstraints=critical,CA:\(isAuthority ? "TRUE" : "FALSE")
        """.write(to: folder.url.appendingPathComponent("\(name).ext"), atomically: true, encoding: .utf8)
        try await openSSL(
            ["x509", "-req", "-in", "\(name).csr", "-signkey", "\(name).key", "-days", "\(days)"]
                + ["-extfile", "\(name).ext", "-out", "\(name).pem"], in: folder)
        return TestCertificate(folder: folder, name: name)
    }

    /// A certificate that this authority vouches for.
    func signed(_ name: String, isAuthority: Bool = false) async throws -> TestCertificate {
        try await Self.request(name, in: folder)
        try """
        basicConstraints=critical,CA:\(isAuthority ? "TRUE" : "FALSE")
        """.write(to: folder.url.appendingPathComponent("\(name).ext"), atomically: true, encoding: .utf8)
        try await Self.openSSL(
            ["x509", "-req", "-in", "\(name).csr", "-CA", certificateFile, "-CAkey", keyFile]
                + ["-set_serial", "2", "-days", "90", "-extfile", "\(name).ext", "-out", "\(name).pem"],
            in: folder)
        return TestCertificate(folder: folder, name: name)
    }

    /// Puts what stands between this certificate and its root into its file.
    func append(_ intermediate: TestCertificate) throws {
        try (try pem + intermediate.pem).write(toFile: certificateFile, atomically: true, encoding: .utf8)
    }

    /// Encrypts the key with ``passPhrase``.
    func encryptKey() async throws {
        try await Self.openSSL(
            [
                "pkey", "-in", keyFile, "-aes256", "-passout", "pass:\(Self.passPhrase)", "-out",
                keyFile + "2",
            ],
            in: folder)
        try FileManager.default.removeItem(atPath: keyFile)
        try FileManager.default.moveItem(atPath: keyFile + "2", toPath: keyFile)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: keyFile)
    }

    private static func request(_ name: String, in folder: TemporaryFolder) async throws {
        try await openSSL(
            ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
                + ["-subj", "/CN=\(name)", "-keyout", "\(name).key", "-out", "\(name).csr"], in: folder)
    }

    @discardableResult
    private static func openSSL(_ arguments: [String], in folder: TemporaryFolder) async throws -> String {
        try await onThread { () throws in try HostProgram.run("openssl", arguments, in: folder.url) }
    }
}
