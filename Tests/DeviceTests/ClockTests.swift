// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import EmulatedHardware
import EmulatedMachine
import Foundation
import LocalHub
import Simulation
import Testing

extension DeviceTests {
    /// A machine whose clock begins in 1970 and is set by days, under the whole program.
    @Suite struct ClockTests {
        private static let deviceID = "clock"
        private static let busID = "clock"
        private static let configuration = """
            [sensors.living]
            driver = "tmp102"
            bus = "usb"
            address = 0x48
            interval = "500ms"

            [telemetry]
            interval = "1s"

            [thermostat1]
            sensor = "living"
            mode = "heat"
            target = 20
            maximum-age = "10s"

            [thermostat1.relay]
            line = "viperboard gpio a:5"
            minimum-on = "1s"
            minimum-off = "1s"
            """
        private static let day = 86_400.0

        private let machine: EmulatedMachine
        private let guest: GuestAgent
        private let adapter = I2CTinyUSBAdapter()

        init() throws {
            machine = try DeviceTests.machine()
            guest = try GuestAgent(in: machine)
        }

        @Test(
            "In 1970 the agent controls, says so and does not connect; later it dates what it measured then")
        func clock() async throws {
            try await withAgent { agent, hub in
                let warm = try await controlsIn1970(agent, hub)
                try await connectsOnceSet(agent, hub, warm: warm)
                try await goesOn(
                    agent, hub, after: 3 * Self.day, saying: "The clock was set forward by 3 days.")
                // Before what it was already, and perhaps before the build: no time for dates and tokens, but the connection stands.
                try await goesOn(
                    agent, hub, after: -3 * Self.day, saying: "The clock was set back by 6 days.")
                let status = try await status()
                #expect(status["clock"]?["trusted"]?.bool == false, "\(status)")
                #expect(status["hub"]?["state"]?.string == "online", "\(status)")
                try await goesOn(agent, hub, after: 0, saying: "The clock was set forward by 3 days.")
            }
        }
    }
}

extension DeviceTests.ClockTests {
    /// Heats and answers without a right clock; returns when the chip was warmed.
    private func controlsIn1970(_ agent: GuestProgram, _ hub: Hub) async throws -> Date {
        try await agent.says("The clock says 1970-01-02T")
        try await agent.says("thermostat1: Heating")
        let status = try await status()
        #expect(status["clock"]?["trusted"]?.bool == false, "\(status)")
        #expect(status["hub"]?["reason"]?.string == "Waits for the clock.", "\(status)")
        let warm = Date.now
        adapter.bus.setTMP102(to: 25)
        try await agent.says("thermostat1: Idle")
        #expect(await hub.connections().isEmpty)
        #expect(await hub.telemetry().isEmpty)
        return warm
    }

    /// Connects when the clock is set to what the clock chip shows; what was measured before has its real time.
    private func connectsOnceSet(_ agent: GuestProgram, _ hub: Hub, warm: Date) async throws {
        let set = Date.now
        try await setClock(to: set)
        try await agent.says("The clock agrees with the machine's clock chip.")
        adapter.bus.setTMP102(to: 26)
        #expect(await hub.hasTemperature(26), "\(agent.tail)")
        let old = await hub.telemetry().filter { $0.temperature == 15 }
        #expect(!old.isEmpty)
        for record in await hub.telemetry() {
            guard let text = record.properties["iothub-creation-time-utc"] else { continue }
            let date = try Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
            switch record.temperature {
            // The model's clock and the guest's may differ a little.
            case 15: #expect(date > warm - 90 && date < warm + 5, "\(text), warmed at \(warm)")
            case 25: #expect(date > warm - 5 && date < Date.now + 5, "\(text), warmed at \(warm)")
            default: break
            }
        }
        #expect(old.allSatisfy { $0.properties["iothub-creation-time-utc"] != nil })
    }

    /// Steps the guest's clock to this distance from the host's; telemetry goes on in its rhythm.
    private func goesOn(
        _ agent: GuestProgram, _ hub: Hub, after distance: Double, saying text: String
    ) async throws {
        let last = await hub.telemetry().last?.sequence ?? 0
        let begin = ContinuousClock.now
        try await setClock(to: .now + distance)
        try await agent.says(text, from: seen(agent))
        let isEnough = await hub.wait(upTo: .seconds(60)) { hub in
            hub.telemetry().count { $0.sequence > last && $0.temperature == 26 } >= 10
        }
        #expect(isEnough, "\(agent.tail)")
        // Ten messages of one a second: neither a burst nor a stall of days.
        let took = begin.duration(to: .now)
        #expect(took > .seconds(8) && took < .seconds(60))
    }

    /// Where the agent's output ends now, less what the step itself may have said already.
    private func seen(_ agent: GuestProgram) -> Int { max(0, agent.output.entries.count - 3) }

    private func setClock(to date: Date) async throws {
        try await machine.shell(#"date -u -s "@$1""#, ["\(date.timeIntervalSince1970)"])
    }

    private func status() async throws -> JSON {
        let result = try await guest.command(["status", "--json"], as: Self.deviceID)
        #expect(result.status == 0, "\(result.errors)")
        return try JSON(parsing: result.output.joined(separator: "\n"))
    }

    /// Runs the agent on a cold chip, with the clock in 1970 from before its start, and puts everything back.
    private func withAgent(_ body: (GuestProgram, Hub) async throws -> Void) async throws {
        adapter.bus.attach(TMP102Model(celsius: 15, poweredAt: .now), at: 0x48)
        try await LocalHubServer.withGuest { server in
            try await machine.with(adapter, as: Self.busID) { _ in
                do {
                    // The kernel refuses a time before its own start, so a day later than the beginning.
                    try await setClock(to: Date(timeIntervalSince1970: Self.day))
                    try await run(at: server, body)
                } catch {
                    try? await setClock(to: .now)
                    throw error
                }
                try await setClock(to: .now)
            }
        }
    }

    private func run(
        at server: LocalHubServer, _ body: (GuestProgram, Hub) async throws -> Void
    ) async throws {
        try await guest.withRun(
            as: Self.deviceID, configuration: Self.configuration, hub: server
        ) { agent in
            try await body(agent, server.hub)
            try await agent.expectGoodEnd()
        }
    }
}

extension GuestProgram {
    /// Waits for a line with this text.
    fileprivate func says(_ text: String, from index: Int = 0) async throws {
        _ = try await firstLine(from: index, within: .seconds(90)) { $0.text.contains(text) ? true : nil }
    }
}
