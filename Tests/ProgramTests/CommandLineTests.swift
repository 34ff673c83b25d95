// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Testing

@Suite("The command line", .timeLimit(.minutes(10)))
struct CommandLineTests {
    private func run(_ arguments: [String], _ environment: [String: String] = [:]) async throws -> (
        Int32, String
    ) {
        let folder = try TemporaryFolder()
        let surroundings = ["STATE_DIRECTORY": folder.url.path, "XDG_CONFIG_HOME": folder.url.path]
        let agent = try AgentProcess(arguments, environment: surroundings.merging(environment) { $1 })
        agent.endInput()
        let status = await agent.ended()
        // The pipe may hold words after the process has gone.
        while await agent.line(with: "\u{0}") != nil {}
        return (status, agent.output)
    }

    @Test("Without a hub, run says so and how to start the local one") func noHub() async throws {
        let (status, output) = try await run(["run"])
        #expect(status == 78)
        #expect(output.contains("No hub is configured"))
        #expect(output.contains("local-hub serve"))
    }

    @Test("A wrong key in the file is named with its line and the nearest known key") func wrongKey()
        async throws
    {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            "[telemetry]\ninterval = 8\nintervall = 9\n[reboot]\nmode = \"logins\"\n", to: "agent.toml")
        let (status, output) = try await run(["run", "--config", file])
        #expect(status == 78)
        #expect(output.contains("agent.toml:3"), "\(output)")
        #expect(output.contains("interval"))
        #expect(output.contains("agent.toml:5"), "\(output)")
    }

    @Test("An unknown SENSOR_AGENT_ variable is an error with the nearest known one") func wrongVariable()
        async throws
    {
        let (status, output) = try await run(["run"], ["SENSOR_AGENT_TELEMETRY_INTERVALL": "8s"])
        #expect(status == 78)
        #expect(output.contains("SENSOR_AGENT_TELEMETRY_INTERVAL"), "\(output)")
    }

    @Test(
        "A wrong connection string is refused with its reason and without its key",
        arguments: [
            ("HostName=h;DeviceId=d;SharedAccessKey=KEY;Bogus=1", "Invalid Key"),
            ("HostName=h;SharedAccessKey=KEY", "Incomplete"),
            ("HostName=h;DeviceId=d;SharedAccessKey=***KEY", "Invalid Symmetric Key"),
            ("HostName=h;DeviceId=d;DeviceId=e;SharedAccessKey=KEY", "Unable to parse"),
        ])
    func wrongConnectionString(text: String, reason: String) async throws {
        // The runner prints arguments, and its output is searched for keys.
        let text = text.replacing("KEY", with: "c2VjcmV0c2VjcmV0")
        let (status, output) = try await run(
            ["run"],
            ["IOTHUB_DEVICE_SECURITY_TYPE": "connectionString", "IOTHUB_DEVICE_CONNECTION_STRING": text])
        #expect(status == 78)
        #expect(output.contains(reason), "\(output)")
        #expect(!output.contains("c2VjcmV0"))
    }

    @Test("A second agent on the same state is turned away") func second() async throws {
        let folder = try TemporaryFolder()
        let variables = [
            "STATE_DIRECTORY": folder.url.path, "IOTHUB_DEVICE_SECURITY_TYPE": "connectionString",
            "IOTHUB_DEVICE_CONNECTION_STRING":
                "HostName=127.0.0.1:1;DeviceId=d;SharedAccessKey=MDEyMzQ1Njc4OWFiY2RlZg==",
        ]
        let first = try AgentProcess(["run", "--simulate"], environment: variables)
        #expect(await first.line(with: "Connecting") != nil)
        let (status, output) = try await run(["run", "--simulate"], variables)
        #expect(status == 73, "\(output)")
        first.signal(SIGTERM)
        #expect(await first.ended() == 0)
    }

    @Test(
        "Help texts stay as they are",
        arguments: [
            ["--help"], ["help", "run"], ["help", "read"], ["help", "check"], ["help", "boards"],
            ["help", "status"], ["help", "why"], ["help", "set"], ["help", "reset"], ["help", "relay"],
            ["help", "relay", "off"], ["help", "reboot"],
            ["help", "scan"],
        ])
    func help(arguments: [String]) async throws {
        let (status, output) = try await run(arguments)
        let name = arguments == ["--help"] ? "help.txt" : arguments.joined(separator: "-") + ".txt"
        let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Golden/\(name)")
        #expect(status == 0)
        #expect(output == (try String(contentsOf: golden, encoding: .utf8)))
    }
}
