// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Testing

/// What `relay off` and the next agent make of the notes of a killed agent, on a machine without any GPIO chip.
@Suite("Notes of a killed agent's lines", .timeLimit(.minutes(10)))
struct HeldLineNoteTests {
    /// The line of the note; no machine has such a chip.
    private static let line = "line RELAY1 of no-such-chip"
    private static let file = "relay-no-such-chip:RELAY1.json"
    private static let refusal = "\(line) is not confirmed off: find GPIO chip"
    private static let sensor = "[sensors.hall]\ndriver = \"tmp102\"\nbus = \"header\"\naddress = 0x48\n"

    private let folder: TemporaryFolder
    private let boot: String

    init() throws {
        folder = try TemporaryFolder()
        let text = try String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        boot = text.trimmingCharacters(in: .whitespacesAndNewlines)
        try FileManager.default.createDirectory(at: runtime, withIntermediateDirectories: true)
    }

    private var runtime: URL { folder.url.appendingPathComponent("run") }

    private func note(
        line: String = #""RELAY1""#, boot: String? = nil, to file: String = Self.file,
        in directory: URL? = nil
    ) throws {
        let text = """
            {"activeLow":true,"boot":"\(boot ?? self.boot)","chip":"no-such-chip","consumer":"sensor-agent \
            thermostat1","line":\(line)}

            """
        let url = (directory ?? runtime).appendingPathComponent(file)
        try Data(text.utf8).write(to: url)
    }

    private var isNoted: Bool {
        FileManager.default.fileExists(atPath: runtime.appendingPathComponent(Self.file).path)
    }

    /// Runs `relay off` with this `agent.toml`.
    private func relayOff(_ toml: String, in directory: URL? = nil) async throws -> (
        status: Int32, lines: [String]
    ) {
        let file = try folder.write(toml, to: "agent.toml")
        return try await AgentProcess(
            ["relay", "off", "--config", file, "--board", "raspberry-pi-4"],
            environment: [
                "RUNTIME_DIRECTORY": (directory ?? runtime).path,
                "SENSOR_AGENT_HOST_DEVICE_ROOT": "\(folder.url.path)/dev",
            ]
        ).result()
    }

    /// A relay on the line of the note, or on another line.
    private func relay(_ line: String, activeLow: Bool = true, enabled: Bool = true) -> String {
        Self.sensor + """
            [thermostat1]
            sensor = "hall"
            mode = "heat"
            [thermostat1.relay]
            line = "\(line)"
            active-low = \(activeLow)
            unsafe-line = true
            [outputs]
            enabled = \(enabled)
            """
    }

    @Test("A file that cannot be read hides no line that a killed agent held, and is still told")
    func brokenFile() async throws {
        try note()
        let (status, lines) = try await relayOff("[telemetry\n")
        #expect(status == 78)
        #expect(lines.contains { $0.hasPrefix(Self.refusal) }, "\(lines)")
        #expect(lines.contains { $0.contains("agent.toml:1") }, "\(lines)")
        #expect(isNoted, "nobody has confirmed it off")
    }

    @Test("The noted line is switched off beside another configured one, without one, and in a trial")
    func changedFile() async throws {
        try note()
        let (status, lines) = try await relayOff(relay("pinctrl-bcm2711:GPIO17"))
        #expect(status == 1)
        #expect(lines.contains { $0.hasPrefix(Self.refusal) }, "\(lines)")
        #expect(
            lines.contains { $0.hasPrefix("line GPIO17 of pinctrl-bcm2711 is not confirmed off") }, "\(lines)"
        )
        for toml in ["", relay("no-such-chip:RELAY1", enabled: false)] {
            let (status, lines) = try await relayOff(toml)
            #expect(status == 1)
            #expect(lines.count { $0.hasPrefix(Self.refusal) } == 1, "\(lines)")
            #expect(!lines.contains { $0.contains("left alone") || $0.contains("nothing to do") }, "\(lines)")
        }
    }

    @Test("A line that is configured too is tried once; a level that means off in one place only is told")
    func contradiction() async throws {
        try note()
        let (status, lines) = try await relayOff(relay("no-such-chip:RELAY1"))
        #expect(status == 1)
        #expect(lines.count { $0.hasPrefix(Self.line) } == 1, "\(lines)")
        let (other, words) = try await relayOff(relay("no-such-chip:RELAY1", activeLow: false))
        #expect(other == 1)
        #expect(
            words.contains {
                $0.hasPrefix(
                    "\(Self.line) may be on all the same: the agent that ended held it as active-low,")
            }, "\(words)")
    }

    @Test("A note of another boot is none") func otherBoot() async throws {
        try note(boot: "c0ffee00-0000-4000-8000-000000000001")
        let (status, lines) = try await relayOff("")
        #expect(status == 0)
        #expect(lines.last?.hasSuffix("nothing to do.") == true, "\(lines)")
    }

    @Test("A damaged note is no line, but told, and nothing counts as confirmed", arguments: [true, false])
    func damaged(isText: Bool) async throws {
        let url = runtime.appendingPathComponent(Self.file)
        if isText {
            // Another line's note under this name.
            try note(line: "5")
        } else {
            try FileManager.default.createSymbolicLink(
                at: url, withDestinationURL: URL(fileURLWithPath: "/nonexistent"))
        }
        let (status, lines) = try await relayOff("")
        #expect(status == 1)
        #expect(lines.contains { $0.contains("\(url.path)") }, "\(lines)")
        #expect(!lines.contains { $0.contains("nothing to do") || $0.hasPrefix("line 5") }, "\(lines)")
    }

    @Test("What the running agent holds is its own; what another one held is switched off beside it")
    func runningAgent() async throws {
        let named = #"{"line":"\#(Self.line)","output":"real","confirmedOff":true}"#
        let agent = try CannedAgent(answering: "{\"version\":1,\"result\":{\"lines\":[\(named)]}}")
        let own = "\(Self.line) is off and stays so until `sensor-agent reset`."
        try note(in: agent.folder.url)
        for toml in ["", "[telemetry\n"] {
            let (status, lines) = try await relayOff(toml, in: agent.folder.url)
            #expect(status == 0, "\(lines)")
            #expect(lines.filter { $0.contains("no-such-chip") } == [own], "\(lines)")
        }
        try note(line: "7", to: "relay-no-such-chip@7.json", in: agent.folder.url)
        for toml in ["", "[telemetry\n"] {
            let (status, lines) = try await relayOff(toml, in: agent.folder.url)
            #expect(status == 1)
            #expect(lines.contains(own), "\(lines)")
            #expect(
                lines.contains { $0.hasPrefix("line 7 of no-such-chip is not confirmed off: find") },
                "\(lines)")
        }
    }

    @Test(
        "An agent that starts tries the line that a killed one has left, and says how it is; a trial does not"
    )
    func nextAgent() async throws {
        try note()
        let file = try folder.write(Self.sensor, to: "agent.toml")
        for more in [[], ["--simulate"]] {
            let agent = try AgentProcess(
                ["run", "--config", file, "--board", "raspberry-pi-4"] + more,
                environment: [
                    "RUNTIME_DIRECTORY": runtime.path, "STATE_DIRECTORY": "\(folder.url.path)/state",
                    "SENSOR_AGENT_HOST_SYSFS_ROOT": "\(folder.url.path)/sys",
                    "SENSOR_AGENT_HOST_DEVICE_ROOT": "\(folder.url.path)/dev",
                    "IOTHUB_DEVICE_CONNECTION_STRING":
                        "HostName=127.0.0.1:1;DeviceId=d1;SharedAccessKey=MDEyMzQ1Njc4OWFiY2RlZg==",
                ])
            #expect(await agent.line(with: ", state in ") != nil, "\(agent.output)")
            #expect(agent.output.contains(Self.refusal) == more.isEmpty, "\(agent.output)")
            agent.signal(SIGTERM)
            #expect(await agent.ended() == 0, "\(agent.output)")
            #expect(isNoted, "nobody has confirmed it off")
        }
    }
}
