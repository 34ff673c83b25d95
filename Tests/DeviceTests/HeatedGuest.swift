// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import EmulatedMachine
import Foundation
import LocalHub
import Testing

/// An agent in the emulated machine that heats a model room, and a hub on the host.
struct HeatedGuest {
    /// How the program names the relay's line.
    static let line = "line 5 of viperboard gpio a"
    /// How long the relay stays off at least.
    static let minimumOff = Duration.seconds(3)
    /// How old the last good sample may be.
    static let maximumAge = Duration.seconds(10)
    /// The room never becomes so warm.
    static let unreachable = 34.0

    private static let busID = "heat-bus"
    private static let relayID = "heat-relay"

    let deviceID: String
    let room: HeatedRoom
    private let machine: EmulatedMachine
    private let guest: GuestAgent
    private let target: Double

    /// Prepares an agent with this target in its configuration; no other test may use the device id.
    init(_ deviceID: String, room: HeatedRoom, target: Double = Self.unreachable) throws {
        self.deviceID = deviceID
        self.room = room
        self.target = target
        machine = try DeviceTests.machine()
        guest = try GuestAgent(in: machine)
    }

    private var configuration: String {
        """
        [sensors.living]
        driver = "tmp102"
        bus = "usb"
        address = 0x48
        interval = "500ms"

        [telemetry]
        interval = "1s"

        [outputs]
        enabled = true

        [thermostat1]
        sensor = "living"
        mode = "heat"
        target = \(target)
        maximum-age = "10s"

        [thermostat1.relay]
        line = "viperboard gpio a:5"
        active-low = \(room.isActiveLow)
        minimum-on = "1s"
        minimum-off = "3s"
        """
    }

    /// Runs the agent in the room with a hub, which is stopped afterwards, and leaves nothing plugged.
    func withAgent(
        hub: LocalHubServer? = nil, _ body: (GuestProgram, LocalHubServer) async throws -> Void
    ) async throws {
        let server: LocalHubServer
        if let hub { server = hub } else { server = try await .startForGuest() }
        async let _ = room.live()
        do {
            try await machine.with(room.thermometer, as: Self.busID) { _ in
                try await machine.with(room.relay, as: Self.relayID) { _ in
                    try await guest.withRun(as: deviceID, configuration: configuration, hub: server) {
                        agent in
                        try await body(agent, server)
                    }
                }
            }
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    /// Plugs the adapter of the relay.
    func plugRelay() async throws { _ = try await machine.plug(room.relay, as: Self.relayID) }

    /// Pulls the adapter of the relay.
    func unplugRelay() async throws { try await machine.unplug(Self.relayID) }

    /// Runs another command of the program with the same configuration and directories, to its end.
    func command(_ arguments: String...) async throws -> GuestProgram.Result {
        try await guest.command(arguments, as: deviceID)
    }

    /// Replaces `agent.toml`, which no running agent reads again.
    func configure(_ toml: String) throws { try guest.configure(deviceID, toml) }

    /// The notes of held lines, each as its mode and name.
    func notes() async throws -> [String] {
        try await machine.shell(
            #"cd "$1" && stat -c '%a %n' relay-* 2>/dev/null || true"#,
            [
                "/run/agent/\(deviceID)/run"
            ])
    }

    /// Changes the target by `sensor-agent set`.
    func setHere(_ target: Double) async throws {
        let result = try await command("set", "thermostat1", "\(target)")
        #expect(result.status == 0, "\(result.output + result.errors)")
    }

    /// What `sensor-agent why --json` says of thermostat1.
    func why() async throws -> JSON {
        let result = try await command("why", "thermostat1", "--json")
        #expect(result.status == 0, "\(result.errors)")
        let json = try JSON(parsing: result.output.joined(separator: "\n"))
        return try #require(json["thermostats"]?.array?.first, "\(json)")
    }
}
