// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Glibc
import LocalHub
import Testing

@Suite("Asking the agent that runs", .timeLimit(.minutes(10)))
struct LocalControlTests {
    @Test("A runtime directory that the agent makes lets its group reach the socket, and nobody else")
    func directoryMode() async throws {
        try await Rig.withAgent { _, rig in
            for (path, mode) in [(rig.runtime.path, 0o750), (rig.runtime.path + "/control.sock", 0o660)] {
                let attributes = try FileManager.default.attributesOfItem(atPath: path)
                #expect(attributes[.posixPermissions] as? Int == mode, "\(path)")
            }
        }
    }

    @Test("read gives its readings, whatever is configured, and opens no bus") func agentsReadings()
        async throws
    {
        try await Rig.withAgent { _, rig in
            let (status, lines) = try await rig.ask("read", "--json").result()
            #expect(status == 0)
            let sensors = try ReadTests.sensors(try #require(lines.first))
            #expect(sensors.keys.sorted() == ["simulated1", "simulated2"])
            let counts = try #require(sensors["simulated1"]?["counts"] as? [String: Int])
            #expect(try #require(counts["samples"]) >= 1)
            #expect(sensors["simulated1"]?["interval"] as? Double == 1, "the agent's interval")

            // To open this bus would take for ever.
            let wires = FakeOneWire(in: rig.folder)
            try wires.addHanging("28-0316a279fcff")
            let file = try rig.folder.write(wires.configuration("28-0316a279fcff"), to: "other.toml")
            let (other, rows) = try await rig.ask("read", "--config", file, "simulated2").result()
            #expect(other == 0)
            #expect(rows.contains { $0.contains("--config and --set do not count") })
            #expect(rows.contains { $0.hasPrefix("simulated2  temperature") }, "\(rows)")
            #expect(!rows.contains { $0.hasPrefix("simulated1") })
        }
    }

    @Test("scan is done by the agent, on its machine and without the chips that it reads") func agentsScan()
        async throws
    {
        try await Rig.with { rig in
            let wires = FakeOneWire(in: rig.folder)
            let ids = ["28-0316a279fcff", "28-0316a2794cff"]
            for id in ids { try wires.add(id) }
            let file = try rig.folder.write(wires.configuration(ids[0]), to: "agent.toml")
            let agent = try rig.start(rig.lasting, ["run", "--config", file])
            #expect(await agent.line(with: "Connected") != nil)
            // This program would find nothing.
            let scan = try AgentProcess(
                asking: rig.runtime, ["scan"], ["SENSOR_AGENT_HOST_SYSFS_ROOT": "/nonexistent"])
            let (status, lines) = await scan.result()
            #expect(status == 0)
            #expect(lines.contains("  \(ids[0])  in use: the agent reads it as \"one\""), "\(lines)")
            #expect(lines.contains("  \(ids[1])  ds18b20"), "\(lines)")
            #expect(lines.filter { $0.hasPrefix("id = ") } == ["id = \"\(ids[1])\""])
            await rig.stop(agent)
        }
    }

    @Test("A name that the agent does not have is an error with the nearest one") func unknownName()
        async throws
    {
        try await Rig.withAgent { _, rig in
            let (status, lines) = try await rig.ask("read", "simulated3").result()
            #expect(status == 64)
            #expect(lines.joined().contains("Did you mean \"simulated1\"?"), "\(lines)")
        }
    }

    @Test("Watching shows each of the agent's results once, and says when the agent has ended")
    func watch() async throws {
        try await Rig.withAgent { agent, rig in
            let reader = try rig.ask("read", "--watch", "--json", "simulated1")
            var samples: [Int] = []
            while samples.count < 3 {
                let line = try #require(await reader.line(with: "sensors"))
                let sensor = try #require(try ReadTests.sensors(line)["simulated1"])
                samples.append(try #require((sensor["counts"] as? [String: Int])?["samples"]))
            }
            #expect(samples == samples.sorted() && Set(samples).count == samples.count, "\(samples)")
            agent.signal(SIGTERM)
            let (status, lines) = await reader.result()
            #expect(status == 69)
            #expect(lines.last?.contains("The agent has ended") == true, "\(lines)")
        }
    }

    @Test("Garbage, half a line and a flood do not hurt it") func hostile() async throws {
        try await Rig.withAgent { agent, rig in
            let path = rig.runtime.path + "/control.sock"
            let garbage = try Caller(path)
            await onThread { garbage.send((0..<200_000).map { _ in UInt8.random(in: 0...255) }) }
            let half = try Caller(path)
            half.send(Array(#"{"version":1,"comm"#.utf8))
            let flood = try Caller(path)
            let request = Array("{\"version\":1,\"command\":\"read\"}\n".utf8)
            await onThread { for _ in 0..<200 { flood.send(request) } }
            #expect(await flood.lines(200).allSatisfy { $0.contains("simulated2") })

            let polite = try Caller(path)
            for (request, code) in [
                ("hello", "bad-json"), ("[]", "bad-request"),
                (#"{"version":1,"command":"raed"}"#, "unknown-command"),
                (#"{"version":1,"command":"read","arguments":{"x":1}}"#, "bad-arguments"),
            ] {
                polite.send(Array((request + "\n").utf8))
                #expect(await polite.lines(1).first?.contains("\"code\":\"\(code)\"") == true, "\(request)")
            }
            let (status, _) = try await rig.ask("read").result()
            #expect(status == 0)
            let count = await rig.hub.telemetry().count
            await rig.expect("more telemetry", of: agent) { $0.telemetry().count > count + 3 }
            withExtendedLifetime((garbage, half)) {}
        }
    }

    @Test("An agent that does not answer is told as such, and its buses are left alone") func stopped()
        async throws
    {
        try await Rig.withAgent { agent, rig in
            agent.signal(SIGSTOP)
            let (status, lines) = try await rig.ask("read").result()
            agent.signal(SIGCONT)
            #expect(status == 69)
            #expect(lines.joined().contains("has said nothing for 5 s"), "\(lines)")
        }
    }

    @Test("A second agent leaves the first its socket, says so and goes on") func second() async throws {
        try await Rig.withAgent { _, rig in
            let second = try rig.start(
                [
                    "RUNTIME_DIRECTORY": rig.runtime.path, "IOTHUB_DEVICE_SECURITY_TYPE": "connectionString",
                    "IOTHUB_DEVICE_CONNECTION_STRING":
                        "HostName=127.0.0.1:1;DeviceId=d;SharedAccessKey=MDEyMzQ1Njc4OWFiY2RlZg==",
                ],
                state: "second")
            let warning = await second.line(with: "get no answer from this agent")
            #expect(
                warning?.contains("Another sensor-agent answers at \(rig.runtime.path)/control.sock") == true)
            #expect(await second.line(with: "Connecting") != nil)
            second.signal(SIGTERM)
            #expect(await second.ended() == 0)
            let (status, _) = try await rig.ask("read").result()
            #expect(status == 0)
        }
    }

    @Test("A bus that hangs is told by the agent, and when it answers the agent goes on") func hangingBus()
        async throws
    {
        try await Rig.with { rig in
            let id = "28-0316a279fcff"
            let wires = FakeOneWire(in: rig.folder)
            try wires.addHanging(id)
            let file = try rig.folder.write(
                "[telemetry]\ninterval = 1\n" + wires.configuration(id) + "[thermostat1]\nsensor = \"one\"\n",
                to: "agent.toml")
            let agent = try rig.start(rig.lasting, ["run", "--config", file])
            let line = await agent.line(with: "hangs")
            #expect(line?.contains("the bus has not answered for 15 s") == true, "\(agent.output)")
            let (status, lines) = try await rig.ask("read").result()
            #expect(status == 1)
            #expect(
                lines.contains { $0.hasPrefix("one gave no value: the bus has not answered for ") },
                "\(lines)")
            try wires.release(id)
            #expect(await agent.line(with: "answers again") != nil, "\(agent.output)")
            let (good, _) = try await rig.ask("read").result()
            #expect(good == 0)
            await rig.stop(agent)
        }
    }
}

/// A client of the socket that sends what it is told.
private final class Caller: Sendable {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = try UnixSocket.connected(to: path)
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) { _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    /// The next lines, fewer where the agent ends the call.
    func lines(_ count: Int) async -> [String] { await onThread { self.receive(count) } }

    private func receive(_ count: Int) -> [String] {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        var lines: [String] = []
        while lines.count < count, recv(descriptor, &byte, 1, 0) == 1 {
            guard byte == UInt8(ascii: "\n") else {
                bytes.append(byte)
                continue
            }
            lines.append(String(decoding: bytes, as: UTF8.self))
            bytes = []
        }
        return lines
    }
}
