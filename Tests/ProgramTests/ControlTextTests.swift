// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Testing

@Suite("What is shown of an agent with relays", .timeLimit(.minutes(10)))
struct ControlTextTests {
    private static let relay = """
        {"line":"line GPIO17 of pinctrl-bcm2711","output":"real","commandedOn":false,"readsOn":false,"cycles":12,\
        "onTime":11800,"wear":0.00012}
        """

    /// A thermostat with a relay in hold-off, with a present fault and a past one.
    private static let thermostat = """
        {"name":"thermostat1","state":"hold-off","reason":"minimum-off","target":20,"mode":"heat",\
        "sentence":"19.2 °C has reached 19.5 °C, where the relay goes on; waiting 35 s for the minimum off time.",\
        "limits":{"low":5,"high":35},"remaining":35,"sensor":"living","second":"hall","celsius":19.2,\
        "reading":{"celsius":19.1,"age":2},"band":{"on":19.5,"off":20.5},"relay":\(relay),\
        "lastChange":{"age":145,"cause":"Idle: 20.6 °C has reached 20.5 °C, where the relay goes off."},\
        "faults":[{"code":"stale","text":"the last good sample is 1 min old","age":600,"present":false,\
        "since":"2026-11-26T09:00:00.000Z","clearedAge":300,"clearedBy":"good samples again"},\
        {"code":"second-sensor-lost","text":"the second sensor fails: 3 samples in a row failed","age":65,\
        "present":true}]}
        """

    private static func result(_ text: String) -> String { "{\"version\":1,\"result\":\(text)}" }

    private func run(_ agent: CannedAgent, _ arguments: String...) async throws -> (
        status: Int32, lines: [String]
    ) {
        try await AgentProcess(asking: agent.folder.url, arguments).result()
    }

    @Test("A thermostat with a relay is explained in full, with past faults where they are asked for")
    func why() async throws {
        let agent = try CannedAgent(answering: Self.result("{\"thermostats\":[\(Self.thermostat)]}"))
        let (status, lines) = try await run(agent, "why", "thermostat1", "--faults")
        let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Golden/why-relay.txt")
        #expect(status == 0)
        #expect(lines.joined(separator: "\n") + "\n" == (try String(contentsOf: golden, encoding: .utf8)))
        #expect(
            agent.asked == [#"{"arguments":{"thermostat":"thermostat1"},"command":"why","version":1}"#])
        let short = try await run(agent, "why")
        #expect(short.lines.contains("  past     1 fault that is over: see it with --faults"))
        let json = try await run(agent, "why", "--json")
        #expect(json.lines.first?.contains(#""code":"stale""#) == true)
    }

    @Test("A relay that the agent has confirmed off is told, and whether it stays so") func confirmed()
        async throws
    {
        let line = #"{"line":"line GPIO17 of gpio","output":"real","confirmedOff":true}"#
        let simulated =
            #"{"line":"line 0 of sim","output":"simulated","confirmedOff":true,"stored":false}"#
        let agent = try CannedAgent(answering: Self.result("{\"lines\":[\(line),\(simulated)]}"))
        let (status, lines) = try await run(agent, "relay", "off")
        #expect(status == 0)
        #expect(
            lines == [
                "line GPIO17 of gpio is off and stays so until `sensor-agent reset`.",
                "line 0 of sim (simulated) is off until `sensor-agent reset`, or until the agent starts again: that "
                    + "could not be stored. The agent's log says why.",
            ])
        #expect(agent.asked.first?.contains("asked for by `sensor-agent relay off`") == true)
    }

    @Test("A relay that is not confirmed off is told with what to do, and the code is 1") func unconfirmed()
        async throws
    {
        let line = #"{"line":"line GPIO17 of gpio","output":"real","confirmedOff":false}"#
        let agent = try CannedAgent(answering: Self.result("{\"lines\":[\(line)]}"))
        let (status, lines) = try await run(agent, "relay", "off")
        #expect(status == 1)
        for words in ["is not confirmed off", "sensor-agent why", "systemctl kill", "cut the power"] {
            #expect(lines.joined().contains(words), "\(lines)")
        }
    }

    @Test("An agent that answers too many others is asked again", arguments: [["relay", "off"], ["why"]])
    func busy(arguments: [String]) async throws {
        let busy = #"{"version":1,"error":{"code":"busy","message":"The agent answers others."}}"#
        let result = #"{"lines":[],"thermostats":[]}"#
        let agent = try CannedAgent(answering: Self.result(result), after: [busy, busy])
        let (status, lines) = try await AgentProcess(
            arguments,
            environment: ["RUNTIME_DIRECTORY": agent.folder.url.path, "XDG_CONFIG_HOME": "/nonexistent"]
        ).result()
        #expect(status == 0 && agent.asked.count == 3, "\(lines)")
    }

    @Test(
        "What an agent of another version says is no answer",
        arguments: [["why"], ["status"], ["reset"], ["set", "thermostat1", "20"], ["relay", "off"]])
    func otherVersion(arguments: [String]) async throws {
        let agent = try CannedAgent(answering: Self.result(#"{"thermostats":[{}],"lines":[{}]}"#))
        let (status, lines) = try await AgentProcess(asking: agent.folder.url, arguments).result()
        #expect(status == 69)
        #expect(lines.joined().contains("of another version"), "\(lines)")
    }
}
