// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Synchronization

/// The running QEMU: started, watched and ended by its own process id.
final class QEMUProcess: Sendable {
    private let process: Mutex<Process>
    private let errorFile: String
    private let ended: Journal<String>

    /// Starts QEMU; what it complains of goes to a file in `folder`.
    init(at path: String, arguments: [String], folder: String) throws {
        let process = Process()
        let ended = Journal<String>()
        errorFile = "\(folder)/qemu.err"
        _ = FileManager.default.createFile(atPath: errorFile, contents: nil)
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: URL(filePath: errorFile))
        process.terminationHandler = { process in
            let manner = process.terminationReason == .exit ? "status" : "signal"
            ended.append("QEMU ended with \(manner) \(process.terminationStatus)")
        }
        try process.run()
        self.process = Mutex(process)
        self.ended = ended
    }

    /// Waits for the end and tells how it was, with QEMU's own words where it had any.
    func end() async throws -> String {
        let manner = try await ended.first { $0 }.found
        let words = (try? String(contentsOfFile: errorFile, encoding: .utf8)) ?? ""
        let text = words.trimmingCharacters(in: .whitespacesAndNewlines)
        return text.isEmpty ? manner : "\(manner): \(text)"
    }

    /// Ends QEMU at once; there is nothing on a disk to lose.
    func kill() {
        process.withLock { process in
            // Only while it runs: later the number may be another's.
            if process.isRunning { _ = Foundation.kill(process.processIdentifier, SIGKILL) }
        }
    }
}
