// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Glibc
import Testing

@Suite("sensor-agent read on its own", .timeLimit(.minutes(10)))
struct ReadTests {
    private static let first = "28-0316a279fcff"
    private static let second = "28-00000a2b3c4d"

    private let folder: TemporaryFolder
    private let wires: FakeOneWire

    init() throws {
        folder = try TemporaryFolder()
        wires = FakeOneWire(in: folder)
    }

    private func start(_ arguments: String...) throws -> AgentProcess {
        try AgentProcess(["read"] + arguments, environment: ["XDG_CONFIG_HOME": folder.url.path])
    }

    private func configured(_ text: String) throws -> String { try folder.write(text, to: "agent.toml") }

    /// The sensors of a line of JSON, by name.
    static func sensors(_ line: String) throws -> [String: [String: Any]] {
        let json = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        let sensors = try #require(json?["sensors"] as? [[String: Any]])
        return Dictionary(
            uniqueKeysWithValues: sensors.compactMap { one in (one["name"] as? String).map { ($0, one) } })
    }

    @Test("The simulated sensors are shown as a table") func simulated() async throws {
        let (status, lines) = try await start("--simulate").result()
        #expect(status == 0)
        let row = #/simulated\d  temperature +-?\d+\.\d{3}  °C    \d\.\d s  good     tmp102 \(simulated\)/#
        #expect(lines.first == "NAME        QUANTITY         VALUE  UNIT  AGE    QUALITY  SENSOR")
        #expect(lines.dropFirst().count == 2)
        #expect(lines.dropFirst().allSatisfy { $0.wholeMatch(of: row) != nil }, "\(lines)")
    }

    @Test("Configured sensors are read without a hub; one that is absent is told, and the code is 1")
    func configured() async throws {
        try wires.add(Self.first)
        let file = try configured(
            wires.configuration(Self.first, Self.second)
                + "[sensors.three]\ndriver = \"tmp102\"\nbus = \"adapter:nowhere\"\naddress = 0x48\n")
        let (status, lines) = try await start("--config", file).result()
        #expect(status == 1)
        let text = lines.joined(separator: "\n").replacing(#/\d\.\d s/#, with: "0.0 s")
            .replacing(folder.url.path, with: "FOLDER")
        let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Golden/read.txt")
        #expect(text + "\n" == (try String(contentsOf: golden, encoding: .utf8)))

        let (good, rows) = try await start("--config", file, "one").result()
        #expect(good == 0)
        #expect(rows.count == 2 && rows[1].contains("25.062"), "\(rows)")
    }

    @Test("A configured fallback does not hide an absent chip") func fallback() async throws {
        let file = try configured(
            wires.configuration()
                + "[sensors.a]\ndriver = \"tmp102\"\nbus = \"adapter:nowhere\"\naddress = 0x48\n"
                + "fallback = \"simulated\"\n")
        let (status, lines) = try await start("--config", file).result()
        #expect(status == 1)
        #expect(lines.contains { $0.hasPrefix("a gave no value: ") } && !lines.joined().contains("simulated"))
    }

    @Test("Without sensors it says so, and how to get some") func nothing() async throws {
        let (status, lines) = try await start().result()
        #expect(status == 78)
        #expect(lines.count == 1)
        for words in ["No sensors are configured", "sensor-agent scan", "--simulate"] {
            #expect(lines.joined().contains(words))
        }
    }

    @Test("Everything that is wrong with the configuration is told") func wrong() async throws {
        let file = try configured("[sensors.a]\ndriver = \"tmp103\"\n[telemetry]\nintervall = 3\n")
        let (status, lines) = try await start("--config", file).result()
        #expect(status == 78)
        #expect(lines.joined().contains("tmp102") && lines.joined().contains("intervall"), "\(lines)")
    }

    @Test("An unknown name is an error with the nearest known one, or with all")
    func unknownName() async throws {
        let (status, lines) = try await start("--simulate", "simulatde1", "kitchen").result()
        #expect(status == 64)
        #expect(
            lines == [
                "There is no sensor \"simulatde1\". Did you mean \"simulated1\"?",
                "There is no sensor \"kitchen\". There are: simulated1, simulated2.",
            ])
    }

    @Test("The JSON has value, unit, quality, place and the failure") func json() async throws {
        try wires.add(Self.first)
        let file = try configured(wires.configuration(Self.first, Self.second))
        let (status, lines) = try await start("--config", file, "--json").result()
        #expect(status == 1)
        #expect(lines.count == 1)
        let sensors = try Self.sensors(try #require(lines.first))
        let one = try #require(sensors["one"])
        #expect(one["driver"] as? String == "ds18b20" && one["source"] as? String == "hardware")
        #expect(one["place"] as? String == "1-Wire \(Self.first)" && one["failure"] == nil)
        #expect(try #require(one["age"] as? Double) >= 0)
        let value = try #require((one["measurements"] as? [[String: Any]])?.first)
        #expect(value["quantity"] as? String == "temperature" && value["value"] as? Double == 25.062)
        #expect(value["unit"] as? String == "°C" && value["quality"] as? String == "good")
        let two = try #require(sensors["two"])
        #expect((two["failure"] as? [String: Any])?["kind"] as? String == "not_found")
        #expect((two["measurements"] as? [Any])?.isEmpty == true && two["age"] == nil)
    }

    @Test(
        "Watching prints a line at each sensor's interval until Ctrl-C, and leaves the chips as they were found"
    )
    func watch() async throws {
        try wires.add(Self.first, features: "0\n")
        try wires.add(Self.second)
        let file = try configured(wires.configuration(Self.first, Self.second) + "interval = \"500ms\"\n")
        let agent = try start("--config", file, "--watch", "--json")
        var seen: [String: Int] = [:]
        while seen["one", default: 0] < 2 {
            let line = try #require(await agent.line(with: "sensors"))
            for (name, sensor) in try Self.sensors(line) {
                seen[name, default: 0] += 1
                #expect((sensor["counts"] as? [String: Int])?["samples"] == seen[name])
            }
        }
        #expect(seen["two", default: 0] > 2, "every 500 ms, and the other every second")
        #expect(try wires.content(of: "features", of: Self.first) != "0\n", "the driver has set it")
        agent.signal(SIGINT)
        #expect(await agent.ended() == 0, "\(agent.output)")
        #expect(try wires.content(of: "features", of: Self.first) == "0\n")
    }

    @Test("It ends when nobody reads what it prints") func closedOutput() async throws {
        let runtime = folder.url.path
        let data = try await onThread { () throws in
            let shell = Process()
            shell.executableURL = URL(fileURLWithPath: "/bin/sh")
            shell.arguments = ["-c", "\"$0\" read --simulate --watch --json | head -n 1", AgentProcess.path]
            shell.environment = ["RUNTIME_DIRECTORY": runtime]
            let output = Pipe()
            shell.standardOutput = output
            try shell.run()
            defer { shell.waitUntilExit() }
            return try output.fileHandleForReading.readToEnd()
        }
        #expect(data?.split(separator: UInt8(ascii: "\n")).count == 1)
    }

    @Test("A bus that hangs in the kernel is told for each of its sensors, and does not keep it from ending")
    func hangingBus() async throws {
        try wires.addHanging(Self.first)
        try wires.add(Self.second)
        let file = try configured(wires.configuration(Self.first, Self.second))
        let start = ContinuousClock.now
        let (status, lines) = try await self.start("--config", file).result()
        #expect(status == 1)
        for name in ["one", "two"] {
            #expect(
                lines.contains { $0.hasPrefix("\(name) gave no value: the bus has not answered for 15 s") },
                "\(lines)")
        }
        #expect(start.duration(to: .now) < .seconds(60))
    }
}
