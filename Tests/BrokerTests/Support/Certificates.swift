// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import ProgramOutput

/// A certificate authority of our own with leaf certificates, made by `openssl` once per test run.
struct Certificates: Sendable {
    /// What a server shows.
    enum Leaf: String, CaseIterable, Sendable {
        /// Valid for localhost and 127.0.0.1.
        case good
        /// Valid, but for another host.
        case otherHost
        /// For localhost, but out of date.
        case expired
    }

    let directory: URL

    var authority: String { directory.appendingPathComponent("ca.pem").path }
    /// An authority that signed none of the leaves.
    var otherAuthority: String { directory.appendingPathComponent("other-ca.pem").path }
    func certificate(_ leaf: Leaf) -> String { directory.appendingPathComponent("\(leaf).pem").path }
    func key(_ leaf: Leaf) -> String { directory.appendingPathComponent("\(leaf).key").path }

    private static let made = Result { try Certificates() }

    /// The certificates of this run.
    static func shared() throws -> Certificates { try made.get() }

    private init() throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("sensor-agent-broker-\(UUID().uuidString)")
        self.directory = directory
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        for name in ["ca", "other-ca"] {
            try HostProgram.run(
                "openssl",
                [
                    "req", "-x509", "-days", "30", "-subj", "/CN=\(name)", "-keyout", "\(name).key", "-out",
                    "\(name).pem",
                ]
                    + curve, in: directory)
        }
        for leaf in Leaf.allCases {
            let names = leaf == .otherHost ? "DNS:other.example" : "DNS:localhost,IP:127.0.0.1"
            try HostProgram.run(
                "openssl",
                [
                    "req", "-subj", "/CN=\(leaf)", "-addext", "subjectAltName=\(names)", "-keyout",
                    "\(leaf).key",
                ]
                    + ["-out", "\(leaf).csr"] + curve, in: directory)
            try HostProgram.run(
                "openssl",
                [
                    "x509", "-req", "-in", "\(leaf).csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                    "-CAcreateserial",
                ]
                    + [
                        "-days", leaf == .expired ? "-1" : "30", "-copy_extensions", "copy", "-out",
                        "\(leaf).pem",
                    ],
                in: directory)
        }
        let path = directory.path
        Self.removeAtExit(path)
    }

    private static func removeAtExit(_ path: String) {
        Self.leftovers.withLock { $0.append(path) }
        atexit {
            Certificates.leftovers.withLock { $0 }.forEach { try? FileManager.default.removeItem(atPath: $0) }
        }
    }

    private static let leftovers = Leftovers()

    /// Paths to remove when the tests are over.
    private final class Leftovers: @unchecked Sendable {
        // Safety: reached under the lock only.
        private var paths: [String] = []
        private let lock = NSLock()
        func withLock<T>(_ body: (inout [String]) -> T) -> T { lock.withLock { body(&paths) } }
    }
}
