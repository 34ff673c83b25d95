// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Synchronization

/// Keeps what programs under test say, and which secrets they were given, for `scripts/find-secrets`.
///
/// Both go to files in the folder that `SENSOR_AGENT_TEST_OUTPUT` names; without it nothing is kept.
package enum ProgramOutput {
    /// Shorter ones, such as `AAAA`, would be found in innocent text.
    static let shortest = 10

    private static let words = KeptFile("programs", suffix: "out")
    private static let secrets = KeptFile("secrets", suffix: "list")

    /// Keeps one line of a program.
    package static func keep(_ line: String) { words.add(line) }

    /// Notes the secrets among what a program is started with: its variables, and the `agent.toml` that it reads.
    package static func noteSecrets(_ environment: [String: String], configuration: String = "") {
        for secret in found(environment, configuration) { secrets.add(secret) }
    }

    static func found(_ environment: [String: String], _ configuration: String) -> Set<String> {
        var texts: [String] = []
        for (name, value) in environment where endings.contains(where: name.hasSuffix) { texts.append(value) }
        for match in configuration.matches(of: /(?:key|string|phrase|password)"?\s*=\s*["']([^"'\n]+)["']/) {
            texts.append(String(match.1))
        }
        let secrets = texts.map { text in
            text.firstMatch(of: /SharedAccessKey=([^;]*)/).map { String($0.1) } ?? text
        }
        // A connection string for a certificate holds no secret, and paths are none.
        return Set(
            secrets.filter { $0.count >= shortest && !$0.contains("HostName=") && !$0.hasPrefix("/") })
    }

    private static let endings = ["_KEY", "_CONNECTION_STRING", "_PASS_PHRASE", "_PASSWORD"]
}

/// A file of this process in the folder of the test output, opened when the first line is added.
private final class KeptFile: Sendable {
    private let file: Mutex<FileHandle?>

    init(_ name: String, suffix: String) {
        guard let folder = ProcessInfo.processInfo.environment["SENSOR_AGENT_TEST_OUTPUT"] else {
            file = Mutex(nil)
            return
        }
        let process = ProcessInfo.processInfo.processIdentifier
        let path = "\(folder)/\(name)-\(process).\(suffix)"
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        file = Mutex(FileHandle(forWritingAtPath: path))
    }

    func add(_ line: String) {
        file.withLock { try? $0?.write(contentsOf: Data((line + "\n").utf8)) }
    }
}
