// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Testing

@Suite("What status shows of disk and certificate", .timeLimit(.minutes(10)))
struct StatusTextTests {
    private func status(_ members: String, _ arguments: String...) async throws -> [String] {
        let agent = try CannedAgent(
            answering: """
                {"version":1,"result":{"version":"1.2.3","uptime":60,"source":"hardware",\
                "hub":{"state":"online","reason":""},\
                "outbox":{"waiting":0,"dropped":0,"aside":0,"sent":1,"refused":0},\
                "sensors":[],"thermostats":[]\(members)}}
                """)
        let (status, lines) = try await AgentProcess(asking: agent.folder.url, ["status"] + arguments)
            .result()
        #expect(status == 0)
        // Long rows are wrapped.
        return [lines.map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")]
    }

    @Test(
        "A disk that hangs, one that cannot be written and one that answers",
        arguments: [
            (
                #"{"hangsFor":75,"pastUnknown":false,"state":"hangs"}"#,
                """
                disk    has not answered for 1 min 15 s: what has to outlive the program waits. Check the disk of the \
                state directory.
                """
            ),
            (
                #"{"hangsFor":4,"pastUnknown":true,"state":"hangs"}"#,
                """
                disk    has not answered for 4 s: what has to outlive the program waits. Control began without what an \
                earlier run has left, and holds the relays off for longer. Check the disk of the state directory.
                """
            ),
            (
                #"{"pastUnknown":false,"state":"memory"}"#,
                "disk    cannot be written: the state is kept in memory and lost at exit."
            ), (#"{"pastUnknown":false,"state":"ok"}"#, "disk    answers."),
        ])
    func disk(json: String, line: String) async throws {
        let lines = try await status(#","disk":"# + json)
        #expect(lines[0].contains(line), "\(lines)")
        #expect(try await status(#","disk":"# + json, "--json").first?.contains(json) == true)
    }

    @Test("A certificate with its end, and an agent that says nothing of either") func certificate()
        async throws
    {
        let text = "The device's certificate is valid until 2027-03-01."
        let json = #"{"expires":"2027-03-01T00:00:00.000Z","text":"\#(text)"}"#
        #expect(try await status(#","certificate":"# + json).first?.contains("cert    \(text)") == true)
        #expect(try await status(#","certificate":"# + json, "--json").first?.contains(json) == true)
        let none = try await status("")
        #expect(!none[0].contains("disk ") && !none[0].contains("cert "), "\(none)")
    }
}
