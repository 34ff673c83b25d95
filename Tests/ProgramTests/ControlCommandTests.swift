// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Glibc
import LocalHub
import Testing

@Suite("Asking and changing the agent that runs", .timeLimit(.minutes(10)))
struct ControlCommandTests {
    private static func object(_ text: String?) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(try #require(text).utf8))
        return try #require(value as? [String: Any])
    }

    @Test("why says in one sentence and a table what a thermostat does") func why() async throws {
        try await Rig.withAgent { _, rig in
            let (status, lines) = try await rig.ask("why", "thermostat1").result()
            #expect(status == 0)
            let text = lines.joined(separator: "\n").replacing(#/\d+\.\d °C of simulated1, \d+ s ago/#) { _ in
                "21.0 °C of simulated1, 1 s ago"
            }
            #expect(
                text == """
                    thermostat1: It drives no relay, so nothing is switched.
                      reading  21.0 °C of simulated1, 1 s ago
                      target   20.0 °C, allowed are -40.0 to 125.0 °C
                      relay    none: name its line in [thermostat1.relay] of agent.toml
                    """)
            let (other, both) = try await rig.ask("why", "--json").result()
            #expect(other == 0)
            let thermostats = try Self.object(both.first)["thermostats"] as? [[String: Any]]
            #expect(thermostats?.compactMap { $0["name"] as? String } == ["thermostat1", "thermostat2"])
        }
    }

    @Test("status shows everything on one screen, and as JSON") func status() async throws {
        try await Rig.withAgent { _, rig in
            let (status, lines) = try await rig.ask("status").result()
            #expect(status == 0 && lines.count < 24)
            let expected: [Regex<AnyRegexOutput>] = try [
                Regex(#"agent   sensor-agent \d+\.\d+\.\d+, up for (?:\d+ min )?\d+ s, simulated"#),
                Regex(#"hub     online for (?:\d+ min )?\d+ s: localhost:\d+ as d1"#),
                Regex(#"outbox  \d+ messages wait, \d+ sent"#),
                Regex(#"clock   \S.*"#),
                Regex(#"today   [\d,]+ billable messages \(UTC day\)"#),
                Regex(#"simulated1  temperature .*"#),
                Regex(#"thermostat1  target 20\.0 °C\. It drives no relay, so nothing is switched\."#),
            ]
            for pattern in expected {
                #expect(lines.contains { $0.wholeMatch(of: pattern) != nil }, "\(lines)")
            }
            let json = try Self.object(try await rig.ask("status", "--json").result().lines.first)
            #expect(json["source"] as? String == "simulated")
            #expect((json["hub"] as? [String: Any])?["state"] as? String == "online")
            #expect((json["sensors"] as? [Any])?.count == 2)
            #expect((json["clock"] as? [String: Any])?["trusted"] as? Bool == true)
            // One read of the twin, one report and a round of telemetry at least.
            #expect((json["messages"] as? [String: Any])?["used"] as? Int ?? 0 >= 4)
        }
    }

    @Test(
        "A target set here is in force, reported to the hub, kept over a restart, and lost to the hub's next")
    func set() async throws {
        try await Rig.with { rig in
            var agent = try rig.start(rig.lasting)
            await rig.expect("the first report", of: agent) { hub in
                hub.reportedTarget("thermostat1")?["value"]?.double == 20
            }
            let (status, lines) = try await rig.ask("set", "thermostat1", "21.5").result()
            #expect(status == 0)
            #expect(lines.first?.hasPrefix("thermostat1: target 21.5 °C. ") == true, "\(lines)")
            await rig.expect("the local target", of: agent) { hub in
                hub.reportedTarget("thermostat1")?["value"]?.double == 21.5
            }
            await rig.stop(agent)

            // A new version that says nothing of this thermostat.
            agent = try await keepsTarget(rig)
            try await rig.hub.updateTwin("d1", desired: ["thermostat1": ["targetTemperature": 23]])
            await rig.expect("the hub's target", of: agent) { hub in
                hub.reportedTarget("thermostat1")?["value"]?.double == 23
            }
            let after = try await rig.ask("why", "thermostat1").result()
            #expect(after.lines.contains { $0.hasPrefix("  target   23.0 °C") }, "\(after.lines)")
            await rig.stop(agent)
        }
    }

    /// Starts an agent at a new version of the twin, about the other thermostat, and finds 21.5 °C in force.
    private func keepsTarget(_ rig: Rig) async throws -> AgentProcess {
        try await rig.hub.updateTwin("d1", desired: ["thermostat2": ["targetTemperature": 19]])
        let agent = try rig.start(rig.lasting)
        await rig.expect("the answer to the hub", of: agent) { hub in
            hub.reportedTarget("thermostat2")?["value"]?.double == 19
        }
        #expect(try await rig.reported()["thermostat1"]?["targetTemperature"]?["value"]?.double == 21.5)
        let why = try await rig.ask("why", "thermostat1").result()
        #expect(why.lines.contains { $0.hasPrefix("  target   21.5 °C") }, "\(why.lines)")
        return agent
    }

    @Test("A target set here outlives a new version of the twin that asks again for the hub's old one")
    func setOverHub() async throws {
        try await Rig.with { rig in
            try await rig.hub.updateTwin("d1", desired: ["thermostat1": ["targetTemperature": 23]])
            var agent = try rig.start(rig.lasting)
            await rig.expect("the hub's target", of: agent) { hub in
                hub.reportedTarget("thermostat1")?["value"]?.double == 23
            }
            #expect(try await rig.ask("set", "thermostat1", "21.5").result().status == 0)
            await rig.expect("the local target", of: agent) { hub in
                hub.reportedTarget("thermostat1")?["value"]?.double == 21.5
            }
            await rig.stop(agent)

            // Read in full after the start, the twin holds 23 °C still, under a new version.
            agent = try await keepsTarget(rig)

            // Asked for once more by name, it counts.
            try await rig.hub.updateTwin("d1", desired: ["thermostat1": ["targetTemperature": 23]])
            await rig.expect("the hub's target again", of: agent) { hub in
                hub.reportedTarget("thermostat1")?["value"]?.double == 23
            }
            await rig.stop(agent)
        }
    }

    @Test("A target set here before any hub was reached is kept and told when one is") func setBeforeHub()
        async throws
    {
        try await Rig.with { rig in
            let away = "HostName=127.0.0.1:1;DeviceId=d1;SharedAccessKey=MDEyMzQ1Njc4OWFiY2RlZg=="
            var agent = try rig.start(
                rig.lasting.merging(["IOTHUB_DEVICE_CONNECTION_STRING": away]) { $1 },
                ["run", "--simulate", "--set", "log.level=debug"])
            #expect(await agent.line(with: "Other programs are answered at") != nil, "\(agent.output)")
            #expect(try await rig.ask("set", "thermostat1", "21.5").result().status == 0)
            await rig.stop(agent)

            agent = try rig.start(rig.lasting)
            await rig.expect("the local target", of: agent) { hub in
                hub.reportedTarget("thermostat1")?["value"]?.double == 21.5
            }
            let why = try await rig.ask("why", "thermostat1").result()
            #expect(why.lines.contains { $0.hasPrefix("  target   21.5 °C") }, "\(why.lines)")
            #expect(try await rig.reported()["thermostat2"]?["targetTemperature"]?["value"]?.double == 20)
            await rig.stop(agent)
        }
    }

    @Test("A refusal says why and what stays in force") func refused() async throws {
        try await Rig.withAgent { _, rig in
            let (status, lines) = try await rig.ask("set", "thermostat1", "200").result()
            #expect(status == 64)
            for words in ["200.0 °C is outside", "The target stays 20.0 °C", "-40.0 to 125.0 °C"] {
                #expect(lines.joined().contains(words), "\(lines)")
            }
            let (mode, reason) = try await rig.ask("set", "thermostat1", "22", "--mode", "heat").result()
            #expect(mode == 64)
            #expect(reason.joined().contains("name one in [thermostat1.relay] of agent.toml"), "\(reason)")
            #expect(try await rig.ask("reset").result().status == 0)
            let (cold, words) = try await rig.ask("set", "thermostat1", "--", "-5").result()
            #expect(cold == 0 && words.first?.hasPrefix("thermostat1: target -5.0 °C") == true, "\(words)")
        }
    }

    @Test("relay off has nothing to do without a relay, with and without an agent") func relayOff()
        async throws
    {
        let folder = try TemporaryFolder()
        let (status, lines) = try await AgentProcess(asking: folder.url, ["relay", "off"]).result()
        #expect(status == 0)
        #expect(
            lines == [
                "No relay is configured, and no agent.toml was found: nothing to do. If the agent has one, name it "
                    + "with --config."
            ])
        let empty = try folder.write("", to: "empty.toml")
        let (known, file) = try await AgentProcess(
            asking: folder.url, ["relay", "off", "--config", empty]
        ).result()
        #expect(known == 0 && file == ["No relay is configured in \(empty): nothing to do."])
        let wrong = try folder.write("[telemetry]\nintervall = 9\n", to: "agent.toml")
        let (bad, words) = try await AgentProcess(
            asking: folder.url, ["relay", "off", "--config", wrong]
        ).result()
        #expect(bad == 78 && words.joined().contains("cut the power"), "\(words)")
        try await Rig.withAgent { agent, rig in
            let (status, lines) = try await rig.ask("relay", "off").result()
            #expect(status == 0)
            #expect(lines == ["The running agent has no relay, and none is configured here: nothing to do."])
            agent.signal(SIGSTOP)
            let (silent, advice) = try await rig.ask("relay", "off").result()
            agent.signal(SIGCONT)
            #expect(silent == 69)
            #expect(advice.joined().contains("has said nothing for 2 s"), "\(advice)")
            #expect(advice.joined().contains("systemctl kill"), "\(advice)")
        }
    }

    @Test(
        "Without an agent, who asks one is told how to start it",
        arguments: [["why"], ["status", "--json"], ["set", "thermostat1", "20"], ["reset", "thermostat2"]])
    func noAgent(arguments: [String]) async throws {
        let folder = try TemporaryFolder()
        let (status, lines) = try await AgentProcess(
            arguments, environment: ["RUNTIME_DIRECTORY": folder.url.path]
        ).result()
        #expect(status == 69)
        #expect(lines.count == 1 && lines[0].contains("start one with `sensor-agent run`"), "\(lines)")
    }

    @Test(
        "Wrong arguments are named before anybody is asked",
        arguments: [
            (["why", "thermostat3"], "'thermostat1' and 'thermostat2'"),
            (["set", "thermostat1"], "Give a target, a mode or both"),
            (["set", "thermostat1", "21,5"], "'21,5'"), (["set", "thermostat1", "nan"], "must be a number"),
            (["set", "thermostat1", "-5"], "set thermostat1 -- -5"),
            (["set", "thermostat1", "--mode", "warm"], "'off', 'heat' or 'cool'"),
        ])
    func wrong(arguments: [String], words: String) async throws {
        let (status, lines) = try await AgentProcess(arguments, environment: [:]).result()
        #expect(status == 64)
        #expect(lines.joined().contains(words), "\(lines)")
    }
}
