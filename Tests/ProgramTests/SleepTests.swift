// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub
import Testing

@Suite("The sleep of the program", .timeLimit(.minutes(10)))
struct SleepTests {
    /// Each worker of the runtime's own pool would mean a look at it every second, and two threads awake for each timer.
    @Test("A running agent has one thread in place of the runtime's pool") func threads() async throws {
        try await Rig.with { rig in
            let agent = try rig.start(rig.connectionString)
            // Waits of all kinds are behind it by then: of sensors, of the connection, of telemetry.
            await rig.expect("telemetry", of: agent) { $0.telemetry().count >= 6 }
            let names = try agent.threadNames()
            #expect(names.contains("agent"))
            // "Thread-Pool.root.default-qos", of which the kernel keeps the end.
            #expect(!names.contains { $0.hasSuffix("default-qos") }, "\(names)")
            await rig.stop(agent)
        }
    }
}

extension AgentProcess {
    /// The kernel's names of the program's threads.
    fileprivate func threadNames() throws -> [String] {
        let folder = "/proc/\(identifier)/task"
        return try FileManager.default.contentsOfDirectory(atPath: folder).map { thread in
            try String(contentsOfFile: "\(folder)/\(thread)/comm", encoding: .utf8).trimmingCharacters(
                in: .newlines)
        }
    }
}
