// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Glibc
import LocalHub
import Testing

@Suite("Guarded reboot, program against hub", .timeLimit(.minutes(10)))
struct RebootTests {
    private static let sensor = "28-0316a279fcff"
    private static let boots = [
        "0e0afa61-0000-4000-8000-000000000001", "0e0afa61-0000-4000-8000-000000000002",
    ]

    /// The machine that the agent believes to run on: its sensor, its boot id, and what it does when asked to reboot.
    private struct Machine {
        let folder: URL

        init(_ rig: Rig) throws {
            folder = rig.folder.url
            let slave = folder.appendingPathComponent("sys/bus/w1/devices/\(RebootTests.sensor)")
            try FileManager.default.createDirectory(at: slave, withIntermediateDirectories: true)
            let text = "91 01 4b 46 7f ff 0f 10 25 : crc=25 YES\n91 01 4b 46 7f ff 0f 10 25 t=25062\n"
            try Data(text.utf8).write(to: slave.appendingPathComponent("w1_slave"))
            try boot(RebootTests.boots[0])
            #expect(mkfifo(path("asked"), 0o600) == 0)
        }

        func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

        func boot(_ id: String) throws {
            let place = folder.appendingPathComponent("proc/sys/kernel/random")
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            try Data("\(id)\n".utf8).write(to: place.appendingPathComponent("boot_id"))
        }

        /// A cooler in a cellar of 25 °C, whose relay is only simulated; a reboot says its word into a pipe.
        func configuration(script: String, extra: String = "") throws -> String {
            let program = path("reboot.sh")
            try Data(script.utf8).write(to: URL(fileURLWithPath: program))
            let text = """
                [telemetry]
                interval = "1s"
                [sensors.cellar]
                driver = "ds18b20"
                id = "\(RebootTests.sensor)"
                interval = "1s"
                [thermostat1]
                sensor = "cellar"
                mode = "cool"
                [thermostat1.relay]
                line = "pin-11"
                minimum-off = "1s"
                minimum-on = "1s"
                [reboot]
                mode = "command"
                command = ["/bin/sh", "\(program)", "\(path("asked"))"]
                minimum-uptime = "0s"
                per-hour = 1
                respects = "nothing"
                [host]
                sysfs-root = "\(path("sys"))"
                device-root = "\(path("dev"))"
                proc-root = "\(path("proc"))"
                \(extra)
                """
            let file = path("agent.toml")
            try Data(text.utf8).write(to: URL(fileURLWithPath: file))
            return file
        }

        /// Waits until the machine was asked; what it was told.
        func asked() async throws -> String {
            let pipe = path("asked")
            return try await onThread { () throws in
                let reader = try #require(FileHandle(forReadingAtPath: pipe))
                return String(decoding: try reader.readToEnd() ?? Data(), as: UTF8.self)
            }
        }

        /// The record of reboots in the state directory.
        func records() throws -> [[String: Any]] {
            let data = try Data(contentsOf: URL(fileURLWithPath: path("agent/reboots.json")))
            let json = try JSONSerialization.jsonObject(with: data) as? [String: Any]
            return try #require(json?["reboots"] as? [[String: Any]])
        }
    }

    private func start(_ rig: Rig, _ machine: Machine, _ file: String, _ more: [String] = []) throws
        -> AgentProcess
    {
        try rig.start(
            rig.connectionString.merging(["RUNTIME_DIRECTORY": machine.path("run")]) { $1 },
            ["run", "--config", file, "--board", "raspberry-pi-4"] + more)
    }

    private func status(_ hub: isolated Hub) -> JSON? {
        (try? hub.twin("d1"))?.reported.properties["agentStatus"]
    }

    @Test("A reboot is recorded, answered, prepared, asked for once and proven by the boot id")
    func reboot() async throws {
        try await Rig.with { rig in
            let machine = try Machine(rig)
            let file = try machine.configuration(script: "echo reboot > \"$1\"\n")
            let agent = try start(rig, machine, file)
            #expect(await agent.line(with: "thermostat1: Cooling") != nil, "\(agent.output)")
            await rig.expect("the status", of: agent) { status($0)?["boots"]?["unexpected"] == 0 }

            // Long enough for the questions that follow, on a busy machine too.
            let answer = try await rig.call("reboot", 8)
            #expect(answer.status == 202)
            let id = try #require(answer.payload["rebootId"]?.string)
            #expect(try machine.records().last?["state"] as? String == "pending")
            #expect(try await rig.call("reboot", 8).payload["rebootId"]?.string == id)
            let other = try await rig.call("reboot", 3)
            #expect(other.status == 409)
            #expect((1...8).contains(other.payload["retryAfter"]?.double ?? 0), "\(other.payload)")
            #expect(other.payload["error"]?.string?.contains("pending") == true)

            #expect(try await machine.asked() == "reboot\n")
            #expect(
                agent.output.contains("thermostat1: Off: the machine is about to reboot."), "\(agent.output)")
            let record = try #require(try machine.records().last)
            #expect(record["state"] as? String == "going-down" && record["askedUptime"] != nil)
            await rig.expect("the last state, then a clean disconnect", of: agent) { hub in
                status(hub)?["lastReboot"]?["state"] == "going-down" && hub.connections().isEmpty
            }
            await rig.stop(agent)

            try machine.boot(Self.boots[1])
            let next = try start(rig, machine, file)
            await rig.expect("the outcome", of: next) { hub in
                let last = status(hub)?["lastReboot"]
                return last?["state"] == "completed" && last?["id"]?.string == id
                    && status(hub)?["boots"]?["expected"] == 1
            }
            await rig.stop(next)
            #expect(try machine.records().last?["isAcknowledged"] as? Bool == true)

            let quiet = try start(rig, machine, file, ["--set", "hub.extra-properties=false"])
            await rig.expect("nothing extra", of: quiet) { status($0) == nil }
            await rig.stop(quiet)
        }
    }

    @Test("A machine that refuses is told as failed, control and connection go on, and it counts")
    func refused()
        async throws
    {
        try await Rig.with { rig in
            let machine = try Machine(rig)
            let file = try machine.configuration(script: "exit 3\n")
            let agent = try start(rig, machine, file)
            #expect(await agent.line(with: "thermostat1: Cooling") != nil, "\(agent.output)")
            #expect(try await rig.call("reboot", 0).status == 202)
            #expect(
                await agent.line(with: "failed: /bin/sh ended with exit code 3") != nil, "\(agent.output)")
            await rig.expect("the outcome over a new connection", of: agent) { hub in
                status(hub)?["lastReboot"]?["state"] == "failed"
            }
            #expect(await agent.line(with: "thermostat1: Cooling") != nil, "\(agent.output)")
            let limited = try await rig.call("reboot", 2)
            #expect(limited.status == 409)
            #expect(limited.payload["error"]?.string?.contains("1 reboots an hour") == true)
            #expect(
                (3_400...3_600).contains(limited.payload["retryAfter"]?.double ?? 0), "\(limited.payload)")
            await rig.stop(agent)
        }
    }

    @Test("sensor-agent reboot goes the same way, an inhibitor refuses it, and force does not ask it")
    func local()
        async throws
    {
        try await Rig.with { rig in
            let machine = try Machine(rig)
            let file = try machine.configuration(script: "echo reboot > \"$1\"\n")
            let agent = try start(rig, machine, file)
            await rig.expect("the status", of: agent) { status($0) != nil }
            let run = { (arguments: [String]) in
                try await AgentProcess(arguments, environment: ["RUNTIME_DIRECTORY": machine.path("run")])
                    .result()
            }
            let inhibitor = machine.path("run/inhibit-reboot")
            try Data().write(to: URL(fileURLWithPath: inhibitor))
            let (refused, why) = try await run(["reboot"])
            #expect(refused == 64)
            #expect(why.joined().contains("\(inhibitor) is there"), "\(why)")
            let (forced, words) = try await run(["reboot", "--force", "--delay", "0"])
            #expect(forced == 0)
            #expect(words.first?.hasPrefix("The machine reboots in 0 s (request ") == true, "\(words)")
            #expect(try await machine.asked() == "reboot\n")
            #expect(try machine.records().last?["origin"] as? String == "local")
            await rig.stop(agent)
            #expect(try await run(["reboot", "--delay", "9999"]).status == 64)
        }
    }

    @Test("A simulation reboots nothing, whatever is configured") func simulation() async throws {
        try await Rig.with { rig in
            let machine = try Machine(rig)
            let file = try machine.configuration(script: "echo reboot > \"$1\"\n")
            let agent = try start(rig, machine, file, ["--simulate"])
            #expect(try await rig.call("reboot", 0).status == 202)
            #expect(await agent.line(with: "Dry run: the machine would reboot in 0 s") != nil)
            await rig.stop(agent)
            #expect(try machine.records().isEmpty)
            #expect(!agent.output.contains("is asked to reboot"))
        }
    }

    @Test("A damaged record does not keep the agent from running, and reboots wait for an hour")
    func damaged()
        async throws
    {
        try await Rig.with { rig in
            let machine = try Machine(rig)
            let file = try machine.configuration(script: "exit 0\n")
            try FileManager.default.createDirectory(
                atPath: machine.path("agent"), withIntermediateDirectories: true)
            try Data("{\"version\":1,".utf8).write(
                to: URL(fileURLWithPath: machine.path("agent/reboots.json")))
            let agent = try start(rig, machine, file)
            let answer = try await rig.call("reboot", 5)
            #expect(answer.status == 409)
            #expect(answer.payload["error"]?.string?.contains("was lost") == true)
            #expect((3_500...3_600).contains(answer.payload["retryAfter"]?.double ?? 0))
            await rig.stop(agent)
            let names = try FileManager.default.contentsOfDirectory(atPath: machine.path("agent"))
            #expect(names.contains { $0.hasPrefix("reboots.json.damaged-") }, "\(names)")
        }
    }
}
