// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub
import Testing

@Suite("Configured relays", .timeLimit(.minutes(10)))
struct RelayConfigurationTests {
    private static let id = "28-0316a279fcff"
    private static let sensors = """
        [sensors.cellar]
        driver = "ds18b20"
        id = "\(id)"
        interval = "1s"
        [sensors.hall]
        driver = "tmp102"
        bus = "header"
        address = 0x48
        fallback = "simulated"

        """
    /// A cooler that has to wait for nothing, in a cellar of 25 °C.
    private static let cooler = """
        [thermostat1]
        sensor = "cellar"
        mode = "cool"
        [thermostat1.relay]
        line = "pin-11"
        minimum-off = "1s"

        """

    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        let slave = folder.url.appendingPathComponent("sys/bus/w1/devices/\(Self.id)")
        try FileManager.default.createDirectory(at: slave, withIntermediateDirectories: true)
        let text = "91 01 4b 46 7f ff 0f 10 25 : crc=25 YES\n91 01 4b 46 7f ff 0f 10 25 t=25062\n"
        try Data(text.utf8).write(to: slave.appendingPathComponent("w1_slave"))
    }

    /// Starts the program with `toml` on a Raspberry Pi 4 without any GPIO chip; nobody answers as a hub.
    private func start(_ command: String, _ toml: String, _ more: [String] = []) throws -> AgentProcess {
        let file = try folder.write(toml, to: "agent.toml")
        return try AgentProcess(
            [command, "--config", file, "--board", "raspberry-pi-4"] + more,
            environment: [
                "STATE_DIRECTORY": "\(folder.url.path)/state",
                "SENSOR_AGENT_HOST_SYSFS_ROOT": "\(folder.url.path)/sys",
                "SENSOR_AGENT_HOST_DEVICE_ROOT": "\(folder.url.path)/dev",
                "IOTHUB_DEVICE_CONNECTION_STRING":
                    "HostName=127.0.0.1:1;DeviceId=d1;SharedAccessKey=MDEyMzQ1Njc4OWFiY2RlZg==",
            ])
    }

    private func stop(_ agent: AgentProcess) async {
        agent.signal(SIGTERM)
        #expect(await agent.ended() == 0, "\(agent.output)")
    }

    /// Whether the state has a record of its own for a relay that was simulated, so that none counts for a real one.
    private func remembersTrial() throws -> Bool {
        let state = try Data(contentsOf: folder.url.appendingPathComponent("state/state.sqlite"))
        #expect(state.range(of: Data("thermostat1".utf8)) != nil)
        return state.range(of: Data("thermostat1 simulated".utf8)) != nil
    }

    @Test("check tells line, level, mode, targets, times and doubts of every relay") func check() async throws
    {
        let agent = try start(
            "check",
            Self.sensors + """
                [thermostat1]
                sensor = "cellar"
                second-sensor = "hall"
                mode = "heat"
                target = 18.5
                highest-target = 24
                [thermostat1.relay]
                line = "pin-11"
                [thermostat2]
                sensor = "hall"
                [thermostat2.relay]
                line = "pinctrl-bcm2711:4"
                active-low = true
                load = "boiler"
                maximum-on = "90min"
                unsafe-line = true
                """)
        let (status, lines) = await agent.result()
        #expect(status == 0)
        let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Golden/check-relays.txt")
        let shown = lines.drop { $0 != "Thermostats" }.joined(separator: "\n") + "\n"
        #expect(shown == (try String(contentsOf: golden, encoding: .utf8)))
    }

    @Test("A line that must not drive a relay is refused with its reason", arguments: ["check", "run"])
    func unsafeLine(command: String) async throws {
        let agent = try start(command, Self.sensors + Self.cooler.replacing("pin-11", with: "pin-24"))
        let (status, lines) = await agent.result()
        #expect(status == 78)
        #expect(lines.count == 1)
        let start = "agent.toml:14: thermostat1.relay.line: pin-24 (GPIO8) must not drive a relay: "
        #expect(lines.first?.contains(start) == true, "\(lines)")
        #expect(lines.first?.hasSuffix("set unsafe-line = true.") == true)
    }

    @Test("Without outputs.enabled the thermostat controls, and no line is asked for") func dryRun()
        async throws
    {
        let agent = try start("run", Self.sensors + Self.cooler)
        #expect(await agent.line(with: "thermostat1: Cooling: 25.1 °C has reached 20.5 °C") != nil)
        await stop(agent)
        #expect(
            agent.output.contains(
                "notice   thermostat1: Relay on pin-11 (line GPIO17 of pinctrl-bcm2711), simulated, mode cool and "
                    + "target 20 °C until others are chosen, targets 5 to 35 °C, electric-heater: on for 2min to 4h, "
                    + "off for at least 1s.\n"), "\(agent.output)")
        #expect(
            agent.output.contains(
                "warning  thermostat1: No line is driven: set enabled = true in [outputs] once the wiring is right"
            ))
        #expect(!agent.output.contains("output-unavailable"))
        #expect(try remembersTrial())
    }

    @Test("With outputs.enabled the line itself is asked for, and the start says what a death would do")
    func real() async throws {
        let agent = try start("run", Self.sensors + Self.cooler, ["--set", "outputs.enabled=true"])
        let fault = await agent.line(
            with: "thermostat1: output-unavailable: find GPIO chip on line GPIO17 of")
        #expect(fault != nil, "\(agent.output)")
        await stop(agent)
        #expect(agent.output.contains("(line GPIO17 of pinctrl-bcm2711), real, mode cool"))
        #expect(
            agent.output.contains("notice   thermostat1: If this program dies, the line's level is undefined")
        )
        #expect(!agent.output.contains("Cooling"))
        #expect(!agent.output.contains("[outputs]"))
        #expect(try !remembersTrial())
    }

    @Test("With --simulate the relay heats the simulated room, whatever is enabled") func simulated()
        async throws
    {
        let toml = Self.sensors + Self.cooler.replacing("cool", with: "heat") + "[outputs]\nenabled = true\n"
        let agent = try start("run", toml, ["--simulate", "--set", "thermostat1.target=30"])
        // The room's temperature has some noise.
        let heating = await agent.line(with: "thermostat1: Heating: 2")
        #expect(
            heating?.hasSuffix(" °C has reached 29.5 °C, where the relay goes on.") == true, "\(agent.output)"
        )
        await stop(agent)
        #expect(
            agent.output.contains(
                "thermostat1: Relay on the heater of simulated room 1, simulated, mode heat and "),
            "\(agent.output)")
        #expect(!agent.output.contains("output-unavailable"))
    }

    /// Runs `relay off` with `toml`, and with the runtime directory of an agent or of nobody.
    private func relayOff(_ toml: String, agent: CannedAgent? = nil) async throws -> (
        status: Int32, lines: [String]
    ) {
        let file = try folder.write(toml, to: "agent.toml")
        let directory = agent?.folder.url.path ?? folder.url.appendingPathComponent("run").path
        return try await AgentProcess(
            ["relay", "off", "--config", file, "--board", "raspberry-pi-4"],
            environment: [
                "RUNTIME_DIRECTORY": directory,
                "SENSOR_AGENT_HOST_DEVICE_ROOT": "\(folder.url.path)/dev",
            ]
        ).result()
    }

    @Test("relay off says of a relay that is only simulated that its line was left alone") func offSimulated()
        async throws
    {
        let (status, lines) = try await relayOff(Self.sensors + Self.cooler)
        #expect(status == 0)
        #expect(
            lines == [
                "line GPIO17 of pinctrl-bcm2711 was left alone, because its relay is only simulated: that needs "
                    + "`enabled = true` in [outputs], and a sensor."
            ])
    }

    @Test(
        "relay off drives a configured line itself that the running agent does not have, on the configured machine"
    )
    func offUnknownToAgent() async throws {
        let toml = Self.sensors + Self.cooler + "[outputs]\nenabled = true\n"
        for names in [
            "", #"{"line":"line GPIO17 of pinctrl-bcm2711","output":"simulated","confirmedOff":true}"#,
        ] {
            let agent = try CannedAgent(answering: "{\"version\":1,\"result\":{\"lines\":[\(names)]}}")
            let (status, lines) = try await relayOff(toml, agent: agent)
            #expect(status == 1)
            let words = "line GPIO17 of pinctrl-bcm2711 is not confirmed off: find GPIO chip"
            #expect(
                lines.contains { $0.hasPrefix(words) && $0.contains("\(folder.url.path)/dev") }, "\(lines)")
        }
        let named = #"{"line":"line GPIO17 of pinctrl-bcm2711","output":"real","confirmedOff":true}"#
        let agent = try CannedAgent(answering: "{\"version\":1,\"result\":{\"lines\":[\(named)]}}")
        let (status, lines) = try await relayOff(toml, agent: agent)
        #expect(status == 0 && lines.count == 1, "\(lines)")
    }

    @Test("relay off does not need the hub's key, which only the service can read")
    func offWithoutKey() async throws {
        let hub = "[hub]\nconnection-string-file = \"/nonexistent/key\"\n"
        let (status, lines) = try await relayOff(
            hub + Self.sensors + Self.cooler + "[outputs]\nenabled = true\n")
        #expect(status == 1)
        #expect(
            lines.contains { $0.hasPrefix("line GPIO17 of pinctrl-bcm2711 is not confirmed off:") },
            "\(lines)")
        #expect(!lines.contains { $0.contains("/nonexistent/key") }, "\(lines)")
    }

    @Test(
        "With a wrong configuration relay off still tells what the agent did, and that nothing more is known")
    func offWrongConfiguration() async throws {
        let named = #"{"line":"line GPIO17 of gpio","output":"real","confirmedOff":true}"#
        let agent = try CannedAgent(answering: "{\"version\":1,\"result\":{\"lines\":[\(named)]}}")
        let (status, lines) = try await relayOff("[telemetry]\nintervall = 9\n", agent: agent)
        #expect(status == 0)
        #expect(
            lines.contains("line GPIO17 of gpio is off and stays so until `sensor-agent reset`."), "\(lines)")
        #expect(lines.contains { $0.contains("intervall") }, "\(lines)")
        let (alone, words) = try await relayOff("[telemetry]\nintervall = 9\n")
        #expect(alone == 78 && words.joined().contains("cut the power"), "\(words)")
    }

    @Test(
        "A mistake elsewhere in the file keeps relay off from no relay; one about a relay leaves that one alone",
        arguments: [
            ("[telemetry]\nintervall = 9\n", true), ("[outputz]\n", true),
            ("[thermostat1.relays]\nactive-low = true\n", false), ("[host]\nroot = \"/\"\n", false),
            ("[telemetry\n", false),
        ])
    func offDespiteMistake(mistake: String, isTried: Bool) async throws {
        let (status, lines) = try await relayOff(
            Self.sensors + Self.cooler + "[outputs]\nenabled = true\n" + mistake)
        #expect(status == 78)
        let words = "line GPIO17 of pinctrl-bcm2711 is not confirmed off: find GPIO chip"
        #expect(lines.contains { $0.hasPrefix(words) } == isTried, "\(lines)")
        #expect(lines.joined().contains("cut the power"), "\(lines)")
    }
}
