// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import EmulatedMachine
import Foundation
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

    /// The hub that the agent connects to, as the guest sees it: the host's loopback.
    struct Hub {
        var port: Int
        var deviceID: String
        var key: String
        /// The file on the host with the authority that signed the hub's certificate.
        var caFile: String

        /// For `IOTHUB_DEVICE_CONNECTION_STRING`.
        var connectionString: String {
            "HostName=\(GuestNetwork.program.host):\(port);DeviceId=\(deviceID);SharedAccessKey=\(key)"
        }
    }

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

    /// Starts `sensor-agent run` with this `agent.toml` against a hub; its directories are in the guest's memory.
    func run(configuration: String, hub: Hub, environment: [String: String] = [:]) async throws
        -> GuestProgram
    {
        let name = "agent-\(UUID().uuidString.prefix(8))"
        let folder = URL(filePath: machine.share).appending(path: name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try configuration.write(to: folder.appending(path: "agent.toml"), atomically: true, encoding: .utf8)
        try FileManager.default.copyItem(at: URL(filePath: hub.caFile), to: folder.appending(path: "ca.pem"))
        let (shared, own) = ("\(EmulatedMachine.guestShare)/\(name)", "/run/\(name)")
        try await machine.shell(#"mkdir -p "$1/state" "$1/run""#, [own])
        let settings = [
            "IOTHUB_DEVICE_SECURITY_TYPE": "connectionString",
            "IOTHUB_DEVICE_CONNECTION_STRING": hub.connectionString,
            "SSL_CERT_FILE": "\(shared)/ca.pem", "CONFIGURATION_DIRECTORY": shared,
            "STATE_DIRECTORY": "\(own)/state", "RUNTIME_DIRECTORY": "\(own)/run",
        ]
        let all = EmulatedMachine.basicEnvironment.merging(settings) { $1 }.merging(environment) { $1 }
        return try await machine.run(program, ["run"], environment: all)
    }
}
