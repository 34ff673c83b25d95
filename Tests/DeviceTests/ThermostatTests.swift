// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import EmulatedHardware
import EmulatedMachine
import LocalHub
import Testing

extension DeviceTests {
    /// The thermostat on the real kernel: a model room, `i2c-dev`, a GPIO line, `sensor-agent`, the hub on the host.
    @Suite struct ThermostatTests {
        private static let deviceID = "thermostat"
        private static let configuration = """
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
            target = 20
            maximum-age = "10s"

            [thermostat1.relay]
            line = "viperboard gpio a:5"
            minimum-on = "1s"
            minimum-off = "3s"
            """
        /// How the program names the relay's line.
        private static let line = "line 5 of viperboard gpio a"
        private static let minimumOff = Duration.seconds(3)
        private static let maximumAge = Duration.seconds(10)
        /// How late something may be seen on this side.
        private static let delay = Duration.seconds(3)
        /// The room never becomes so warm.
        private static let unreachable = 34.0

        private let machine: EmulatedMachine
        private let guest: GuestAgent
        private let room = HeatedRoom(celsius: 19.4)

        init() throws {
            machine = try DeviceTests.machine()
            guest = try GuestAgent(in: machine)
        }

        @Test(
            "A room is kept warm over a lost sensor and a lost hub, and a killed agent's relay can be opened")
        func room() async throws {
            try await withAgent { agent, server in
                try await beginsOff(agent)
                try await followsTheHub(server.hub)
                try await survivesItsSensor(server.hub, agent)
                await server.stop()
                try await controlsAlone(since: .now)
                try await tellsWhy()
                try await isOpenedAfterDeath(agent)
            }
        }
    }
}

extension DeviceTests.ThermostatTests {
    /// The line's first level is low, and the heater waits for the off time although it is cold.
    private func beginsOff(_ agent: GuestProgram) async throws {
        let first = try await room.next(false)
        let wait = try await agent.firstLine { line in
            line.text.contains("thermostat1") && line.text.contains("for the minimum off time") ? true : nil
        }
        _ = try await agent.firstLine(from: wait.index + 1) { line in
            line.text.contains("thermostat1: Heating") ? true : nil
        }
        let on = try await room.next(true)
        #expect(on.at > first.at && on.celsius < 19.6)
        let off = try await room.next(false)
        #expect(off.celsius > 20.1 && off.celsius < 22)
    }

    /// The target of the hub is acknowledged and held; one out of range is refused and changes nothing.
    private func followsTheHub(_ hub: Hub) async throws {
        try await set(21.5, at: hub, answer: 200, inForce: 21.5)
        try await room.becomes(true)
        #expect(try await room.next(false).celsius > 21.6)
        try await expectPair(around: 21.5)
        try await set(35.5, at: hub, answer: 400, inForce: 21.5)
        try await set(4.5, at: hub, answer: 400, inForce: 21.5)
        try await expectPair(around: 21.5)
    }

    /// Without its sensor the relay goes off, and only samples of a new one bring it back, after the off time.
    private func survivesItsSensor(_ hub: Hub, _ agent: GuestProgram) async throws {
        try await set(Self.unreachable, at: hub, answer: 200, inForce: Self.unreachable)
        try await room.becomes(true)
        let pulled = ContinuousClock.now
        room.pullSensor()
        let off = try await room.next(false)
        #expect(pulled.duration(to: off.at) < Self.maximumAge + Self.delay)
        let lost = try await agent.firstLine { $0.text.contains("Sensor living is lost: ") ? $0.text : nil }
        #expect(lost.found.contains("noAcknowledge (errno 6). It is tried again"), "\(lost.found)")
        let report = try await why()
        #expect(report["state"]?.string == "fault", "\(report)")
        #expect(report["relay"]?["readsOn"]?.bool == false)
        let faults = report["faults"]?.array?.compactMap { $0["code"]?.string } ?? []
        #expect(faults.contains("sensor-lost") || faults.contains("stale"), "\(report)")
        let placed = ContinuousClock.now
        room.placeSensor()
        let on = try await room.next(true)
        #expect(on.at > placed)
        #expect(off.at.duration(to: on.at) > Self.minimumOff - .milliseconds(500))
        #expect(reads(from: placed, to: on.at) >= 3)
        try await survivesItsBus()
        try await set(22, at: hub, answer: 200, inForce: 22)
        let warm = try await room.next(false)
        #expect(warm.celsius > 22.1)
    }

    /// A bus that hangs holds up neither the relay, which goes off in time, nor `why`.
    private func survivesItsBus() async throws {
        let hung = ContinuousClock.now
        room.hangBus()
        let off = try await room.next(false)
        #expect(hung.duration(to: off.at) < Self.maximumAge + Self.delay)
        let report = try await why()
        #expect(report["state"]?.string == "fault", "\(report)")
        #expect(report["relay"]?["readsOn"]?.bool == false)
        room.freeBus()
        #expect(try await room.next(true).at > off.at + Self.minimumOff - .milliseconds(500))
    }

    /// With the hub gone the band is held all the same.
    private func controlsAlone(since stop: ContinuousClock.Instant) async throws {
        // What was switched on before says nothing.
        while try await expectPair(around: 22) < stop {}
    }

    /// `why` tells idle and heating with the relay as it is.
    private func tellsWhy() async throws {
        try await setHere(5)
        try await room.becomes(false)
        let idle = try await why()
        #expect(idle["state"]?.string == "idle", "\(idle)")
        #expect(idle["relay"]?["commandedOn"]?.bool == false && idle["relay"]?["readsOn"]?.bool == false)
        try await setHere(Self.unreachable)
        try await room.becomes(true)
        let heating = try await why()
        #expect(heating["state"]?.string == "heating", "\(heating)")
        let relay = try #require(heating["relay"])
        #expect(relay["commandedOn"]?.bool == true && relay["readsOn"]?.bool == true, "\(relay)")
        #expect(relay["output"]?.string == "real")
        #expect(relay["line"]?.string == Self.line)
    }

    /// A killed agent leaves the heater on, as this adapter does; `relay off` opens its relay.
    private func isOpenedAfterDeath(_ agent: GuestProgram) async throws {
        try await agent.signal(.kill)
        #expect(try await agent.result().status == 128 + 9)
        #expect(room.isHeated == true)
        let asked = ContinuousClock.now
        let result = try await guest.command(["relay", "off"], as: Self.deviceID)
        #expect(result.status == 0, "\(result.output + result.errors)")
        #expect(result.output == ["\(Self.line) is off."])
        #expect(try await room.next(false).at > asked)
        #expect(room.isHeated == false)
        #expect(Set(room.relay.history.map(\.line)) == [HeatedRoom.line])
    }
}

extension DeviceTests.ThermostatTests {
    private static let busID = "heat-bus"
    private static let relayID = "heat-relay"

    /// Runs the agent in the room with a hub of its own, and leaves nothing plugged.
    private func withAgent(_ body: (GuestProgram, LocalHubServer) async throws -> Void) async throws {
        var settings = LocalHubServerConfiguration()
        (settings.mqttPort, settings.restPort) = (0, 0)
        settings.extraNames = [GuestNetwork.program.host]
        let server = try await LocalHubServer.start(settings)
        async let _ = room.live()
        var agent: GuestProgram?
        do {
            _ = try await machine.plug(room.thermometer, as: Self.busID)
            _ = try await machine.plug(room.relay, as: Self.relayID)
            let started = try await guest.run(
                as: Self.deviceID, configuration: Self.configuration, hub: server)
            agent = started
            try await body(started, server)
            #expect(await server.hub.violations().isEmpty)
        } catch {
            let end = agent?.output.entries.suffix(30).map(\.text).joined(separator: "\n") ?? ""
            Issue.record("The agent's last lines:\n\(end)")
            try? await agent?.signal(.kill)
            try? await machine.unplug(Self.busID)
            try? await machine.unplug(Self.relayID)
            await server.stop()
            throw error
        }
        try await machine.unplug(Self.busID)
        try await machine.unplug(Self.relayID)
        await server.stop()
    }

    /// The relay goes on and off, each at its end of the band around `target`; returns when it went on.
    @discardableResult
    private func expectPair(
        around target: Double, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> ContinuousClock.Instant {
        // The chip rounds to 1/16 °C; late samples are no failure, but early switching is.
        let on = try await room.next(true, sourceLocation: sourceLocation)
        #expect(on.celsius < target - 0.4 && on.celsius > target - 3, sourceLocation: sourceLocation)
        let off = try await room.next(false, sourceLocation: sourceLocation)
        #expect(off.celsius > target + 0.1 && off.celsius < target + 2, sourceLocation: sourceLocation)
        return on.at
    }

    /// Changes the desired target and waits until the device has answered it.
    private func set(
        _ target: Double, at hub: Hub, answer: Int, inForce: Double,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let desired: JSON = ["thermostat1": ["__t": "c", "targetTemperature": .number(target)]]
        let version = try await hub.updateTwin(Self.deviceID, desired: desired).desired.version
        let isAnswered = await hub.wait(upTo: .seconds(60)) { hub in
            let reported = hub.reportedTarget(of: Self.deviceID)
            return reported?["av"]?.integer == version && reported?["ac"]?.integer != 202
        }
        let reported = await hub.reportedTarget(of: Self.deviceID)
        #expect(isAnswered, "\(String(describing: reported))", sourceLocation: sourceLocation)
        #expect(reported?["ac"]?.integer == answer, sourceLocation: sourceLocation)
        #expect(reported?["value"]?.double == inForce, sourceLocation: sourceLocation)
    }

    /// Changes the target by `sensor-agent set`.
    private func setHere(_ target: Double) async throws {
        let result = try await guest.command(["set", "thermostat1", "\(target)"], as: Self.deviceID)
        #expect(result.status == 0, "\(result.output + result.errors)")
    }

    /// What `sensor-agent why --json` says of thermostat1.
    private func why() async throws -> JSON {
        let result = try await guest.command(["why", "thermostat1", "--json"], as: Self.deviceID)
        #expect(result.status == 0, "\(result.errors)")
        let json = try JSON(parsing: result.output.joined(separator: "\n"))
        return try #require(json["thermostats"]?.array?.first, "\(json)")
    }

    /// How often the chip was asked for a temperature between two instants.
    private func reads(from start: ContinuousClock.Instant, to end: ContinuousClock.Instant) -> Int {
        // Every temperature is read by a write of its register's number, 0.
        room.thermometer.messages.count { message in
            message.bytes == [0] && !message.isRead && message.fault == nil
                && message.at > start && message.at <= end
        }
    }
}

extension Hub {
    /// The reported target of thermostat1.
    fileprivate func reportedTarget(of device: String) -> JSON? {
        (try? twin(device))?.reported.properties["thermostat1"]?["targetTemperature"]
    }
}
