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

    /// Starts `sensor-agent run` with this `agent.toml` as a new device of a hub in this process.
    ///
    /// Its state and runtime directories are in the guest's memory, its configuration in the shared folder.
    func run(as deviceID: String, configuration: String, hub: LocalHubServer) async throws -> GuestProgram {
        let folder = try configure(deviceID, configuration)
        try FileManager.default.copyItem(at: hub.caFile, to: folder.appending(path: "ca.pem"))
        let settings = [
            "IOTHUB_DEVICE_SECURITY_TYPE": "connectionString",
            "IOTHUB_DEVICE_CONNECTION_STRING": try await connectionString(of: deviceID, at: hub),
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

    /// Registers the device and addresses the hub as the guest reaches it.
    private func connectionString(of deviceID: String, at hub: LocalHubServer) async throws -> String {
        let device = try await hub.hub.putDevice(deviceID)
        guard case .sas(let key, _) = device.authentication else {
            throw EmulatedMachineError.guest("registering \(deviceID)", "the hub gave no key")
        }
        let host = "\(GuestNetwork.program.host):\(hub.mqttPort)"
        return "HostName=\(host);DeviceId=\(deviceID);SharedAccessKey=\(key)"
    }
}
