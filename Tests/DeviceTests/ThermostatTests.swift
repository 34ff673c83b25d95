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
        /// How late something may be seen on this side.
        private static let delay = Duration.seconds(3)

        private let room = HeatedRoom(celsius: 19.4)
        private let heated: HeatedGuest

        init() throws {
            heated = try HeatedGuest(Self.deviceID, room: room, target: 20)
        }

        @Test(
            "A room is kept warm over a lost sensor and a lost hub, and a killed agent's relay can be opened")
        func room() async throws {
            try await heated.withAgent { agent, server in
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
        try await set(HeatedGuest.unreachable, at: hub, answer: 200, inForce: HeatedGuest.unreachable)
        try await room.becomes(true)
        let pulled = ContinuousClock.now
        room.pullSensor()
        let off = try await room.next(false)
        #expect(pulled.duration(to: off.at) < HeatedGuest.maximumAge + Self.delay)
        let lost = try await agent.firstLine { $0.text.contains("Sensor living is lost: ") ? $0.text : nil }
        #expect(lost.found.contains("no acknowledge (errno 6). It is tried again"), "\(lost.found)")
        let report = try await heated.why()
        #expect(report["state"]?.string == "fault", "\(report)")
        #expect(report["relay"]?["readsOn"]?.bool == false)
        let faults = report["faults"]?.array?.compactMap { $0["code"]?.string } ?? []
        #expect(faults.contains("sensor-lost") || faults.contains("stale"), "\(report)")
        let placed = ContinuousClock.now
        room.placeSensor()
        let on = try await room.next(true)
        #expect(on.at > placed)
        #expect(off.at.duration(to: on.at) > HeatedGuest.minimumOff - .milliseconds(500))
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
        #expect(hung.duration(to: off.at) < HeatedGuest.maximumAge + Self.delay)
        let report = try await heated.why()
        #expect(report["state"]?.string == "fault", "\(report)")
        #expect(report["relay"]?["readsOn"]?.bool == false)
        room.freeBus()
        #expect(try await room.next(true).at > off.at + HeatedGuest.minimumOff - .milliseconds(500))
    }

    /// With the hub gone the band is held all the same.
    private func controlsAlone(since stop: ContinuousClock.Instant) async throws {
        // What was switched on before says nothing.
        while try await expectPair(around: 22) < stop {}
    }

    /// `why` tells idle and heating with the relay as it is.
    private func tellsWhy() async throws {
        try await heated.setHere(5)
        try await room.becomes(false)
        let idle = try await heated.why()
        #expect(idle["state"]?.string == "idle", "\(idle)")
        #expect(idle["relay"]?["commandedOn"]?.bool == false && idle["relay"]?["readsOn"]?.bool == false)
        try await heated.setHere(HeatedGuest.unreachable)
        try await room.becomes(true)
        let heating = try await heated.why()
        #expect(heating["state"]?.string == "heating", "\(heating)")
        let relay = try #require(heating["relay"])
        #expect(relay["commandedOn"]?.bool == true && relay["readsOn"]?.bool == true, "\(relay)")
        #expect(relay["output"]?.string == "real")
        #expect(relay["line"]?.string == HeatedGuest.line)
    }

    /// A killed agent leaves the heater on, as this adapter does; `relay off` opens its relay.
    private func isOpenedAfterDeath(_ agent: GuestProgram) async throws {
        try await agent.signal(.kill)
        #expect(try await agent.result().status == 128 + 9)
        #expect(room.isHeated == true)
        let asked = ContinuousClock.now
        let result = try await heated.command("relay", "off")
        #expect(result.status == 0, "\(result.output + result.errors)")
        #expect(result.output == ["\(HeatedGuest.line) is off."])
        #expect(try await room.next(false).at > asked)
        #expect(room.isHeated == false)
        #expect(Set(room.relay.history.map(\.line)) == [HeatedRoom.line])
    }
}

extension DeviceTests.ThermostatTests {
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
