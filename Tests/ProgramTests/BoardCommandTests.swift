// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub
import Testing

@Suite("The commands boards and check", .timeLimit(.minutes(10)))
struct BoardCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Runs the program on a machine of our making; this folder's path in what it writes becomes `/tmp/test`.
    private func run(
        _ arguments: [String], compatible: [String] = ["acme,one", "acme,soc"],
        _ environment: [String: String] = [:]
    ) async throws -> (status: Int32, output: String) {
        let tree = folder.url.appendingPathComponent("sys/firmware/devicetree/base")
        try FileManager.default.createDirectory(at: tree, withIntermediateDirectories: true)
        try Data(compatible.map { $0 + "\0" }.joined().utf8).write(
            to: tree.appendingPathComponent("compatible"))
        let surroundings = [
            "STATE_DIRECTORY": "/tmp/state", "XDG_CONFIG_HOME": folder.url.path,
            "SENSOR_AGENT_HOST_SYSFS_ROOT": "\(folder.url.path)/sys",
            "SENSOR_AGENT_HOST_DEVICE_ROOT": "\(folder.url.path)/dev",
        ]
        let agent = try AgentProcess(arguments, environment: surroundings.merging(environment) { $1 })
        agent.endInput()
        let status = await agent.ended()
        // The pipe may hold words after the process has gone.
        while await agent.line(with: "\u{0}") != nil {}
        return (status, agent.output.replacingOccurrences(of: folder.url.path, with: "/tmp/test"))
    }

    private func golden(_ name: String) throws -> String {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Golden/\(name)")
        return try String(contentsOf: file, encoding: .utf8)
    }

    private static let good = """
        [hub]
        security = "DPS"
        [hub.dps]
        endpoint = "localhost:8883"
        id-scope = "0ne00ABCDEF"
        registration-id = "demo-1"
        group-key = "MDEyMzQ1Njc4OWFiY2RlZg=="
        [telemetry]
        interval = "10s"
        [sensors.living]
        driver = "tmp102"
        bus = "header"
        address = 0x48
        offset = -0.5
        interval = "2s"
        fallback = "simulated"
        [sensors.cellar]
        driver = "ds18b20"
        id = "28-0316a279fcff"
        [sensors.attic]
        driver = "tmp102"
        bus = "/dev/i2c-9"
        address = 0x49
        [thermostat1]
        sensor = "living"

        """
    private static let bad = """
        [hub]
        securty = "DPS"
        ca-file = "no-such.pem"
        [hub.dps]
        endpoint = "localhost:8883"
        id-scope = "0ne 00"
        registration-id = "demo-1"
        group-key = "c2VjcmV0"
        [telemetry]
        interval = "0s"
        [sensors.living]
        driver = "ds18b20x"
        bus = "heather"
        [sensors.attic]
        driver = "tmp102"
        bus = "nowhere"
        address = 0x77
        [thermostat1]
        sensor = "livng"
        [board]
        name = "raspberry-pi-4"

        """

    @Test("boards lists all boards and marks the one of this machine") func list() async throws {
        let (status, output) = try await run(
            ["boards"], compatible: ["raspberrypi,4-model-b", "brcm,bcm2711"])
        #expect(status == 0)
        #expect(output == (try golden("boards.txt")))
    }

    @Test("boards on an unknown machine, and on one with an ARMv6 processor, says so") func unknown()
        async throws
    {
        let unknown = try await run(["boards"])
        #expect(unknown.status == 0)
        #expect(unknown.output.contains("\n\nThis machine (acme,one, acme,soc) is no known board."))
        #expect(!unknown.output.contains("*"))
        let armv6 = try await run(["boards"], compatible: ["raspberrypi,model-zero-w", "brcm,bcm2835"])
        #expect(armv6.output.contains("has an ARMv6 processor"), "\(armv6.output)")
        #expect(armv6.output.contains("Use a Raspberry Pi Zero 2 W"))
    }

    @Test("boards NAME draws the board") func sheet() async throws {
        let (status, output) = try await run(["boards", "raspberry-pi-4"])
        #expect(status == 0)
        #expect(output == (try golden("boards-raspberry-pi-4.txt")))
    }

    @Test("boards NAME draws two connectors with their bus, and says what chose the board") func connectors()
        async throws
    {
        let (_, output) = try await run(
            ["boards", "beaglebone-black"], compatible: ["ti,am335x-bone-black", "ti,am33xx"])
        #expect(output.contains("  This machine:  yes, by ti,am335x-bone-black\n"))
        #expect(output.contains("header SCL  GPIO0_13    19 | 20    GPIO0_12  header SDA\n"))
        #expect(output.contains("\nP8, lines p8-1 to p8-46;"))
        #expect(output.contains("  For a relay:   none; the reasons are below\n"))
    }

    @Test("boards --json says the same to programs") func json() async throws {
        let list = try JSON(
            parsing:
                try await run(["boards", "--json"], compatible: ["radxa,rock-5b"]).output)
        #expect(list["machine"]?["board"] == "radxa-rock-5b")
        let boards = try #require(list["boards"]?.array)
        #expect(boards.filter { $0["detected"] == true }.map { $0["name"] } == ["radxa-rock-5b"])
        #expect(boards.count == 14)

        let board = try JSON(parsing: try await run(["boards", "raspberry-pi-4", "--json"]).output)
        #expect(board["detected"] == false)
        #expect(board["file"] == "boards/raspberry-pi-4.toml")
        #expect(board["i2c"]?.array?.first?["location"] == "adapter:bcm2835 (i2c@7e804000)")
        #expect(board["i2c"]?.array?.first?["sda"] == 3)
        #expect(board["oneWire"]?["pin"] == 7)
        let pins = try #require(board["connectors"]?.array?.first?["pins"]?.array)
        #expect(pins.count == 40)
        #expect(pins[0]["fixed"] == "3.3 V" && pins[0]["line"] == nil)
        #expect(pins[2]["line"] == "pin-3" && pins[2]["signal"] == "GPIO2")
        #expect(pins[2]["buses"]?.array == ["header SDA"] && pins[2]["suitsRelay"] == false)
        let lines = try #require(board["lines"]?.array)
        let line = try #require(lines.first { $0["name"] == "pin-11" })
        #expect(line["kernelName"] == "GPIO17" && line["suitsRelay"] == true && line["unsafe"] == nil)
        #expect(lines.first { $0["name"] == "pin-3" }?["offset"] == 2)
    }

    @Test("boards takes a file of one's own, and tells what is wrong with it") func ownFile() async throws {
        let file = try folder.write(
            "name = \"My board\"\n[i2c.bus]\nadapter = \"a\"\nsource = \"s\"\n", to: "my.toml")
        let good = try await run(["boards", file])
        #expect(good.status == 0)
        #expect(good.output.hasPrefix("My board\n  File:  /tmp/test/my.toml\n"), "\(good.output)")
        _ = try folder.write("name = \"My board\"\n[i2c.bus]\nadaptor = \"a\"\n", to: "my.toml")
        let bad = try await run(["boards", file])
        #expect(bad.status == 78)
        #expect(
            bad.output == """
                /tmp/test/my.toml:2: i2c.bus.source: It is not set. Say where the facts come from.
                /tmp/test/my.toml:3: i2c.bus.adaptor: There is no such key in [i2c.bus]. Did you mean "adapter"?

                """)
    }

    /// Runs a line of a shell in this folder; `$0` is `program`.
    private func shell(_ line: String, program: String) async throws -> (status: Int32, output: String) {
        try await onThread { [folder] () throws in
            let shell = Process()
            shell.executableURL = URL(fileURLWithPath: "/bin/sh")
            shell.arguments = ["-c", line, program]
            shell.currentDirectoryURL = folder.url
            shell.environment = ["PATH": "/usr/bin:/bin", "SENSOR_AGENT_HOST_SYSFS_ROOT": folder.url.path]
            let output = Pipe()
            shell.standardOutput = output
            shell.standardError = output
            try shell.run()
            let data = try output.fileHandleForReading.readToEnd() ?? Data()
            shell.waitUntilExit()
            return (shell.terminationStatus, String(decoding: data, as: UTF8.self))
        }
    }

    @Test(
        "A program that was built in a checkout finds the boards of the checkout from everywhere",
        .enabled(if: AgentProcess.path.contains("/.build/")))
    func elsewhere() async throws {
        let (status, output) = try await shell("\"$0\" boards", program: AgentProcess.path)
        #expect(status == 0)
        #expect(output.contains("Raspberry Pi 4 Model B and 400"), "\(output)")
    }

    @Test("boards without any board file says where it looked, and is an error") func noFiles() async throws {
        let copy = folder.url.appendingPathComponent("sensor-agent")
        // By another program: what this one had open for writing, a child of another test could hold open a moment longer.
        let (copied, said) = try await shell("cp \"$0\" '\(copy.path)'", program: AgentProcess.path)
        try #require(copied == 0, "\(said)")
        let (status, output) = try await shell("\"$0\" boards", program: copy.path)
        // A machine with the package installed has some.
        guard !FileManager.default.fileExists(atPath: "/usr/share/sensor-agent/boards") else { return }
        #expect(status == 78)
        #expect(output.hasPrefix("No board files were found in /"), "\(output)")
        #expect(
            output.contains("/usr/share/sensor-agent/boards, boards. Run this in the folder of the sources"))
    }

    @Test(
        "An output that takes nothing is an error, since a script would go on with an empty file",
        arguments: [
            "boards", "check", "read --simulate", "read --simulate --json", "read --simulate --watch",
        ])
    func fullOutput(command: String) async throws {
        let (status, output) = try await shell("\"$0\" \(command) > /dev/full", program: AgentProcess.path)
        #expect(status == 74)
        #expect(
            output == "The output cannot be written: No space left on device. Send it elsewhere.\n",
            "\(output)")
    }

    @Test("boards with a wrong name is an error with the nearest") func wrongName() async throws {
        let (status, output) = try await run(["boards", "raspbery-pi-4"])
        #expect(status == 78)
        #expect(
            output.hasPrefix(
                "sensor-agent boards: There is no board \"raspbery-pi-4\". Did you mean \"raspberry-pi-4\"? Known boards: beaglebone-black, "
            ), "\(output)")
    }

    @Test("check says what it understood, without the key") func goodFile() async throws {
        let file = try folder.write(Self.good, to: "agent.toml")
        let (status, output) = try await run(["check", "--config", file, "--board", "raspberry-pi-4"])
        #expect(status == 0)
        #expect(output == (try golden("check.txt")))
    }

    @Test("check shows the mistakes of file, board and hub at once") func badFile() async throws {
        let file = try folder.write(Self.bad, to: "agent.toml")
        let (status, output) = try await run(["check", "--config", file])
        #expect(status == 78)
        #expect(output == (try golden("check-bad.txt")))
        #expect(!output.contains("c2VjcmV0"))
    }

    @Test("check shows the mistakes of a board file beside those of agent.toml") func badBoard() async throws
    {
        let file = try folder.write("[telemetry]\ninterval = \"0s\"\n", to: "agent.toml")
        let board = try folder.write("compatibel = []\n", to: "my.toml")
        let (status, output) = try await run(["check", "--config", file, "--board-file", board])
        #expect(status == 78)
        #expect(output.contains("/tmp/test/agent.toml:2: telemetry.interval: Found 0s."))
        #expect(output.contains("/tmp/test/my.toml:1: compatibel: There is no such key."))
        #expect(output.contains("/tmp/test/my.toml: name: It is not set."))
    }

    @Test("check without a hub and without a board is fine, and says what run would need") func nothing()
        async throws
    {
        let (status, output) = try await run(["check"])
        #expect(status == 0)
        #expect(output.contains("Hub:            none. `run` needs one: "), "\(output)")
        #expect(output.contains("(acme,one, acme,soc) is no known board. Nothing here needs one."))
    }

    @Test("A bus name on an unknown board is an error for check and for run", arguments: ["check", "run"])
    func unknownBoard(command: String) async throws {
        let file = try folder.write(Self.good, to: "agent.toml")
        let (status, output) = try await run([command, "--config", file])
        #expect(status == 78)
        #expect(
            output.hasPrefix(
                "/tmp/test/agent.toml:12: sensors.living.bus: \"header\" is a bus of a board file, and the board is unknown. Choose a board, or name the adapter: \"adapter:NAME\".\ndefault: board.name: This machine (acme,one, acme,soc) is no known board. Known boards: beaglebone-black, "
            ), "\(output)")
        #expect(output.contains("write a file for this one, as boards/README.md tells"))
    }

    @Test("--board wins over the file, for run too") func flag() async throws {
        let file = try folder.write("[board]\nname = \"simulated\"\n" + Self.good, to: "agent.toml")
        let checked = try await run(["check", "--config", file, "--board", "radxa-rock-5b"])
        #expect(checked.output.contains("Radxa ROCK 5B, by board.name (--board)"), "\(checked.output)")
        #expect(checked.output.contains("bus header = controller:feca0000.i2c address 0x48"))
        let ran = try await run(["run", "--config", file, "--board", "nonsense"])
        #expect(ran.status == 78)
        #expect(ran.output.hasPrefix("--board: board.name: There is no board \"nonsense\"."), "\(ran.output)")
    }

    @Test("--board and --board-file contradict one another") func both() async throws {
        let (status, output) = try await run(["check", "--board", "simulated", "--board-file", "b.toml"])
        #expect(status == 78)
        #expect(
            output.contains("--board: board.name: board.file is set too, at --board-file. Keep one of them."))
    }

    @Test("check finds a relative state directory and a wrong connection string") func surroundings()
        async throws
    {
        let (status, output) = try await run(
            ["check"],
            [
                "STATE_DIRECTORY": "state",
                "IOTHUB_DEVICE_CONNECTION_STRING": "HostName=h;DeviceId=d;SharedAccessKey=secret;Bogus=1",
            ])
        #expect(status == 78)
        #expect(
            output.contains(
                "environment variable IOTHUB_DEVICE_CONNECTION_STRING: hub.connection-string: Invalid Connection String"
            ), "\(output)")
        #expect(output.contains("store.directory: The state directory state is relative."), "\(output)")
        #expect(!output.contains("secret"))
    }
}
