// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import EmulatedMachine
import Foundation
import LocalHub
import Testing

/// The `sensor-agent` that was just built, in the emulated machine.
struct GuestAgent {
    /// Where the built program is: `SENSOR_AGENT_BINARY`, else beside the test program; `nil` where it is not built.
    static var binary: String? {
        if let path = ProcessInfo.processInfo.environment["SENSOR_AGENT_BINARY"] { return path }
        guard let tests = Bundle.main.executableURL?.resolvingSymlinksInPath() else { return nil }
        let path = tests.deletingLastPathComponent().appending(path: "sensor-agent").path(
            percentEncoded: false)
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }

    /// The shipped description of the emulated machine.
    static let boardFile = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../boards/emulated-machine.toml").standardized.path(percentEncoded: false)

    private let machine: EmulatedMachine
    private let program: String

    /// Takes the built program for a machine; fails the test where it is not built.
    init(in machine: EmulatedMachine) throws {
        self.machine = machine
        program = try #require(
            Self.binary,
            "sensor-agent is not built: swift build --product sensor-agent, or name it by SENSOR_AGENT_BINARY"
        )
    }

    /// Runs `sensor-agent run` with this `agent.toml` as a new device of a hub in this process, for the time of `body`.
    ///
    /// Its state and runtime directories are in the guest's memory, its configuration in the shared folder. Where `body` fails,
    /// its last lines are told; where `body` has not ended it, it is killed.
    func withRun(
        as deviceID: String, configuration: String, hub: LocalHubServer,
        _ body: (GuestProgram) async throws -> Void
    ) async throws {
        let agent = try await run(as: deviceID, configuration: configuration, hub: hub)
        do {
            try await body(agent)
            #expect(await hub.hub.violations().isEmpty)
        } catch {
            Issue.record("The agent's last lines:\n\(agent.tail)")
            try? await agent.signal(.kill)
            throw error
        }
        try? await agent.signal(.kill)
    }

    private func run(
        as deviceID: String, configuration: String, hub: LocalHubServer
    ) async throws -> GuestProgram {
        let folder = try configure(deviceID, configuration)
        try FileManager.default.copyItem(at: hub.caFile, to: folder.appending(path: "ca.pem"))
        let settings = [
            "IOTHUB_DEVICE_SECURITY_TYPE": "connectionString",
            "IOTHUB_DEVICE_CONNECTION_STRING": try await hub.connectionString(ofNew: deviceID),
            "SSL_CERT_FILE": "\(EmulatedMachine.guestShare)/\(deviceID)/ca.pem",
        ]
        return try await start(["run"], as: deviceID, settings)
    }

    /// Starts `sensor-agent read --json` with this `agent.toml`; `name` is one that no other test uses.
    func read(as name: String, configuration: String, _ arguments: [String] = []) async throws -> GuestProgram
    {
        try configure(name, configuration)
        return try await start(["read", "--json"] + arguments, as: name, [:])
    }

    /// Runs another command to its end with the directories and the `agent.toml` of a device that was run before.
    func command(_ arguments: [String], as deviceID: String) async throws -> GuestProgram.Result {
        try await start(arguments, as: deviceID, [:]).result()
    }

    /// Writes the `agent.toml` of a device, whether its agent runs or not; returns the folder.
    @discardableResult
    func configure(_ name: String, _ configuration: String) throws -> URL {
        let folder = URL(filePath: machine.share).appending(path: name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try configuration.write(to: folder.appending(path: "agent.toml"), atomically: true, encoding: .utf8)
        return folder
    }

    private func start(
        _ arguments: [String], as name: String, _ settings: [String: String]
    ) async throws -> GuestProgram {
        let own = "/run/agent/\(name)"
        try await machine.shell(#"mkdir -p "$1/state" "$1/run""#, [own])
        let common = [
            "CONFIGURATION_DIRECTORY": "\(EmulatedMachine.guestShare)/\(name)",
            "STATE_DIRECTORY": "\(own)/state", "RUNTIME_DIRECTORY": "\(own)/run",
            "SENSOR_AGENT_BOARD_FILE": Self.boardFile,
            // Nothing sets the guest's clock.
            "SENSOR_AGENT_CLOCK_SYNC_WAIT": "0s",
        ]
        let environment = EmulatedMachine.basicEnvironment.merging(common) { $1 }.merging(settings) { $1 }
        return try await machine.run(program, arguments, environment: environment)
    }
}

extension GuestProgram {
    /// The last lines that the program printed, for the text of a failure.
    var tail: String { output.entries.suffix(30).map(\.text).joined(separator: "\n") }

    /// Ends the program as a service manager does, and expects that it ends well.
    func expectGoodEnd() async throws {
        try await signal(.terminate)
        let result = try await result(within: .seconds(30))
        #expect(result.status == 0, "\(tail)")
    }
}
