// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import ProgramOutput

extension HostProgram {
    /// Sends `input` through a program and returns what comes out; throws where the program is missing or fails.
    static func filter(_ input: Data, through command: [String]) async throws -> Data {
        guard let name = command.first, let path = find(name) else {
            throw EmulatedMachineError.missing("\(command.first ?? "a program") is not installed")
        }
        // Files instead of pipes: no side can wait for the other.
        let folder = try TemporaryFolder(named: "filter")
        defer { folder.remove() }
        let (source, sink) = ("\(folder.path)/input", "\(folder.path)/output")
        try input.write(to: URL(filePath: source))
        _ = FileManager.default.createFile(atPath: sink, contents: nil)
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = Array(command.dropFirst())
        process.standardInput = try FileHandle(forReadingFrom: URL(filePath: source))
        process.standardOutput = try FileHandle(forWritingTo: URL(filePath: sink))
        process.standardError = FileHandle.nullDevice
        let ended = Journal<Int32>()
        process.terminationHandler = { ended.append($0.terminationStatus) }
        try process.run()
        let status = try await ended.first { $0 }.found
        guard status == 0 else { throw EmulatedMachineError.missing("\(name) failed with status \(status)") }
        return try Data(contentsOf: URL(filePath: sink))
    }
}

/// A folder of its own for one run.
struct TemporaryFolder: Sendable {
    /// Where it is; short, for a Unix socket's path has at most 107 bytes.
    let path: String

    /// Makes a folder that only this user can read.
    init(named name: String) throws {
        let base = FileManager.default.temporaryDirectory.path(percentEncoded: false)
        path = "\(base.hasSuffix("/") ? base : base + "/")sa-\(name)-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    /// Removes it with all that is in it.
    func remove() {
        // Left-overs in a temporary folder are no reason to fail a test.
        try? FileManager.default.removeItem(atPath: path)
    }
}
