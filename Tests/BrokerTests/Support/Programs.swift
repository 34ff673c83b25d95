// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Testing

/// The programs of Debian that these tests need.
enum Programs {
    /// A program's path, looked up where Debian puts programs of this kind.
    static func path(_ name: String) -> String? {
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "") + ":/usr/sbin:/sbin"
        return path.split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    static let missing = ["mosquitto", "openssl"].filter { path($0) == nil }

    /// Whether the tests can run; with SENSOR_AGENT_REQUIRE_ALL=1 they run and fail instead of being skipped.
    static var areUsable: Bool {
        missing.isEmpty || ProcessInfo.processInfo.environment["SENSOR_AGENT_REQUIRE_ALL"] == "1"
    }

    static var reason: Comment { "needs \(missing.joined(separator: ", ")); install it with: make setup" }

    /// A program that is not there, or that failed.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs a program to its end; throws with its output when it fails.
    static func run(_ name: String, _ arguments: [String], in directory: URL) throws {
        guard let path = path(name) else {
            throw Failure(description: "\(name) is not installed; run: make setup")
        }
        let process = Process()
        let output = Foundation.Pipe()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = directory
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "\(name) \(arguments.joined(separator: " ")): \(text)")
        }
    }
}
