// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Testing

/// The built program on a machine whose `/sys` and `/dev` are folders of the test.
@Suite("sensor-agent scan", .timeLimit(.minutes(10)))
struct ScanProgramTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func write(_ text: String, to path: String) throws {
        let file = folder.url.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    /// Runs the program; the folder's name is `ROOT` in what it says.
    private func scan(
        _ arguments: [String] = [], _ variables: [String: String] = [:]
    ) async throws -> (status: Int32, output: String) {
        let roots = [
            "SENSOR_AGENT_HOST_SYSFS_ROOT": folder.url.path + "/sys",
            "SENSOR_AGENT_HOST_DEVICE_ROOT": folder.url.path + "/dev",
            "XDG_CONFIG_HOME": folder.url.path + "/none",
            "SENSOR_AGENT_BOARD_FILE": ScanReports.testBoardFile,
        ]
        let agent = try AgentProcess(["scan"] + arguments, environment: roots.merging(variables) { $1 })
        agent.endInput()
        let status = await agent.ended()
        // The pipe may hold words after the process has gone.
        while await agent.line(with: "\u{0}") != nil {}
        return (status, agent.output.replacing(folder.url.path, with: "ROOT"))
    }

    @Test("A machine without anything is scanned well, and is told what to check") func nothing() async throws
    {
        let (status, output) = try await scan()
        #expect(status == 0)
        #expect(output == (try ScanReports.golden("scan-nothing.txt")))
    }

    @Test("1-Wire thermometers become sections; phantoms and other slaves do not") func oneWire() async throws
    {
        for id in ["28-0316a279fcff", "10-000802b5d5d1", "00-800000000000", "01-000017fa2b3c"] {
            try write("", to: "sys/bus/w1/devices/\(id)/name")
        }
        let (status, output) = try await scan()
        #expect(status == 0)
        #expect(output == (try ScanReports.golden("scan-one-wire.txt")))
    }

    @Test("An adapter that cannot be opened ends with 1, says why and what to do, and hides nothing else")
    func problem() async throws {
        try write("bcm2835 (i2c@7e804000)\n", to: "sys/bus/i2c/devices/i2c-1/name")
        try write("odd\n", to: "sys/bus/i2c/devices/i2c-2/name")
        // An ordinary file is no I2C adapter.
        try write("", to: "dev/i2c-2")
        try write("", to: "sys/bus/w1/devices/28-0316a279fcff/name")
        let (status, output) = try await scan()
        #expect(status == 1)
        // Where lines are broken depends on the length of the folder's name.
        #expect(
            output.split(whereSeparator: \.isWhitespace)
                == (try ScanReports.golden("scan-problems.txt")).split(whereSeparator: \.isWhitespace))
    }

    @Test("--json gives the same as one line") func json() async throws {
        try write("odd\n", to: "sys/bus/i2c/devices/i2c-2/name")
        try write("", to: "sys/bus/w1/devices/28-0316a279fcff/name")
        let (status, output) = try await scan(["--json"])
        #expect(status == 1)
        #expect(output == (try ScanReports.golden("scan-problem.json")))
    }

    @Test("--board names the board, also in the sections; one that is not known ends with 78")
    func board() async throws {
        try write("", to: "sys/bus/w1/devices/28-0316a279fcff/name")
        let detected = ["SENSOR_AGENT_BOARD_FILE": ""]
        let (status, output) = try await scan(["--board", "raspberry-pi-5"], detected)
        #expect(status == 0)
        #expect(output.contains("[board]\nname = \"raspberry-pi-5\""))
        let file = ScanReports.boardFile("raspberry-pi-5")
        let (_, other) = try await scan(["--board-file", file])
        #expect(other.contains("[board]\nfile = \"\(file)\""), "\(other)")
        let unknown = try await scan(["--board", "raspberry-pi-6"], detected)
        #expect(unknown.status == 78)
        #expect(unknown.output.contains("raspberry-pi-4"))
    }

    @Test("A configuration that cannot be used is told and passed over") func brokenConfiguration()
        async throws
    {
        try write("[telemetry]\nintervall = 9\n", to: "config/sensor-agent/agent.toml")
        let (status, output) = try await scan([], ["XDG_CONFIG_HOME": folder.url.path + "/config"])
        #expect(status == 0)
        #expect(output.contains("Scanning without the configuration"))
        #expect(output.contains("agent.toml:2"))
        #expect(output.contains("Nothing was found."))
    }

    @Test("Wrong arguments end with 64") func wrongArguments() async throws {
        #expect(try await scan(["--fast"]).status == 64)
    }
}
