// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Foundation

/// Programs of the host that tests need.
package enum HostProgram {
    /// A program that is missing or failed, with what it printed.
    package struct Failure: Error, CustomStringConvertible {
        /// What happened, and what to do.
        package let description: String

        /// Tells of a failure in these words.
        package init(_ description: String) { self.description = description }
    }

    /// Whether tests fail where the host lacks what they need, instead of being skipped: `SENSOR_AGENT_REQUIRE_ALL=1`.
    package static var areRequired: Bool {
        ProcessInfo.processInfo.environment["SENSOR_AGENT_REQUIRE_ALL"] == "1"
    }

    /// Where a program is, also one of the administrator's, or `nil` where it is not installed.
    package static func find(_ name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return (path.split(separator: ":") + ["/usr/bin", "/bin", "/usr/sbin", "/sbin"]).lazy
            .map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Runs a program to its end, which blocks, and returns what it printed; throws with that where it fails.
    @discardableResult
    package static func run(_ name: String, _ arguments: [String], in folder: URL? = nil) throws -> String {
        guard let path = find(name) else { throw Failure("\(name) is not installed; run: make setup") }
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure("\(name) \(arguments.joined(separator: " ")): \(text)")
        }
        return text
    }
}
