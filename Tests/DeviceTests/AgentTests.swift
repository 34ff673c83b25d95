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
                #expect(await hub.hasTelemetry(21.5), "\(agent.tail)")
                adapter.bus.setTMP102(to: -5.25)
                #expect(await hub.hasTelemetry(-5.25), "\(agent.tail)")
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
                #expect(await hub.hasTelemetry(21.5), "\(agent.tail)")
                try await machine.unplug(Self.busID)
                adapter.bus.setTMP102(to: 30)
                _ = try await machine.plug(adapter, as: Self.busID)
                #expect(await hub.hasTelemetry(30), "\(agent.tail)")
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
        var settings = LocalHubServerConfiguration()
        (settings.mqttPort, settings.restPort) = (0, 0)
        settings.extraNames = [GuestNetwork.program.host]
        let server = try await LocalHubServer.start(settings)
        adapter.bus.attach(TMP102Model(celsius: 21.5, poweredAt: .now), at: 0x48)
        var agent: GuestProgram?
        do {
            _ = try await machine.plug(adapter, as: Self.busID)
            let started = try await GuestAgent(in: machine)
                .run(as: deviceID, configuration: Self.configuration, hub: server)
            agent = started
            try await body(started, server.hub)
            try await started.signal(.terminate)
            let result = try await started.result(within: .seconds(30))
            #expect(result.status == 0, "\(started.tail)")
            #expect(await server.hub.violations().isEmpty)
        } catch {
            try? await agent?.signal(.kill)
            try? await machine.unplug(Self.busID)
            await server.stop()
            throw error
        }
        try await machine.unplug(Self.busID)
        await server.stop()
    }
}

extension GuestProgram {
    /// The end of what the program printed, for the text of a failure.
    fileprivate var tail: String {
        output.entries.suffix(20).map(\.text).joined(separator: "\n")
    }
}

extension Hub {
    /// Waits for a temperature of thermostat1; false when a generous limit passes first.
    fileprivate func hasTelemetry(_ celsius: Double) async -> Bool {
        await wait(upTo: .seconds(90)) { hub in
            hub.telemetry().contains {
                $0.component == "thermostat1" && $0.json?["temperature"]?.double == celsius
            }
        }
    }
}
