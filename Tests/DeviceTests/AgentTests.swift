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
    /// The whole program on the real kernel: chip model, kernel drivers, `sensor-agent`, TLS, hub on the host.
    @Suite struct AgentTests {
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
            """

        private let machine: EmulatedMachine
        private let adapter = I2CTinyUSBAdapter()

        init() throws {
            machine = try DeviceTests.machine()
        }

        @Test("A temperature set on the chip arrives at the hub as telemetry, and so does its change")
        func telemetry() async throws {
            try await withAgent("agent-telemetry") { agent, hub in
                #expect(await hub.hasTemperature(21.5), "\(agent.tail)")
                adapter.bus.setTMP102(to: -5.25)
                #expect(await hub.hasTemperature(-5.25), "\(agent.tail)")
                for record in await hub.telemetry() where record.component == "thermostat1" {
                    #expect(record.properties["simulated"] == nil)
                    #expect(record.modelId == "dtmi:com:example:TemperatureController;2")
                }
                #expect(adapter.messages.allSatisfy { $0.origin == .plainTransfer })
            }
        }

        @Test("An adapter that is pulled silences its thermostat, and measuring goes on when it is back")
        func unplug() async throws {
            try await withAgent("agent-unplug") { agent, hub in
                #expect(await hub.hasTemperature(21.5), "\(agent.tail)")
                try await machine.unplug(Self.busID)
                adapter.bus.setTMP102(to: 30)
                _ = try await machine.plug(adapter, as: Self.busID)
                #expect(await hub.hasTemperature(30), "\(agent.tail)")
            }
        }
    }
}

extension DeviceTests.AgentTests {
    private static let busID = "agent"

    /// Runs the agent with one TMP102 at 21.5 °C against a hub of its own, ends it by SIGTERM and expects a good end.
    private func withAgent(
        _ deviceID: String, _ body: (GuestProgram, Hub) async throws -> Void
    ) async throws {
        adapter.bus.attach(TMP102Model(celsius: 21.5, poweredAt: .now), at: 0x48)
        try await LocalHubServer.withGuest { server in
            try await machine.with(adapter, as: Self.busID) { _ in
                let guest = try GuestAgent(in: machine)
                try await guest.withRun(as: deviceID, configuration: Self.configuration, hub: server) {
                    agent in
                    try await body(agent, server.hub)
                    try await agent.expectGoodEnd()
                }
            }
        }
    }
}
