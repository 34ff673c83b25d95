// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import EmulatedHardware
import EmulatedMachine
import Foundation
import LocalHub
import Simulation
import Testing

extension DeviceTests {
    /// The built agent in the guest, the hub on the host, and the chip's temperature in the test's hand.
    @Suite struct AgentTests {
        private static let key = Data((0..<32).map { _ in UInt8.random(in: .min ... .max) })
            .base64EncodedString()
        private let machine: EmulatedMachine
        private let adapter = I2CTinyUSBAdapter()

        init() throws {
            machine = try DeviceTests.machine()
        }

        private static let configuration = """
            [board]
            file = "\(boardFile)"
            [telemetry]
            interval = "1s"
            [sensors.room]
            driver = "tmp102"
            bus = "usb"
            address = 0x48
            [thermostat1]
            sensor = "room"
            """

        private static let boardFile = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../boards/emulated-machine.toml").standardized.path(percentEncoded: false)

        @Test("A temperature set on the chip arrives at the hub, through the kernel's drivers and TLS")
        func chipToCloud() async throws {
            try await withHub { server in
                adapter.bus.attach(TMP102Model(celsius: 21.5, poweredAt: .now), at: 0x48)
                let bus = try await machine.plug(adapter, as: "agent")
                let agent = try await start(server)
                #expect(await arrives(21.5, at: server.hub))
                adapter.bus.setTMP102(to: -5.25)
                #expect(await arrives(-5.25, at: server.hub))
                let records = await server.hub.telemetry().filter { $0.component == "thermostat1" }
                #expect(records.allSatisfy { $0.properties["simulated"] == nil })
                #expect(await server.hub.telemetry().allSatisfy { $0.component != "thermostat2" })

                // A chip that is gone gives no telemetry, and a chip that is back gives true values again.
                adapter.bus.inject(.noAcknowledge, at: 0x48)
                _ = try await agent.firstLine { $0.text.contains("Sensor room is lost") ? true : nil }
                adapter.bus.setTMP102(to: 30)
                adapter.bus.clearFaults()
                #expect(await arrives(30, at: server.hub, within: .seconds(60)))
                let reported = try await server.hub.twin("d1").reported.properties
                #expect(reported["thermostat1"]?["maxTempSinceLastReboot"]?.double ?? 0 >= 21.5)

                try await agent.signal(.terminate)
                #expect(try await agent.result().status == 0)
                try await machine.unplug(bus.busID)
                #expect(await server.hub.violations().isEmpty)
            }
        }

        private func start(_ server: LocalHubServer) async throws -> GuestProgram {
            try await GuestAgent(in: machine).run(
                configuration: Self.configuration,
                hub: GuestAgent.Hub(
                    port: server.mqttPort, deviceID: "d1", key: Self.key,
                    caFile: server.caFile.path(percentEncoded: false)))
        }

        private func arrives(_ celsius: Double, at hub: Hub, within limit: Duration = .seconds(40)) async
            -> Bool
        {
            await hub.wait(upTo: limit) { hub in
                hub.telemetry().contains {
                    $0.component == "thermostat1" && $0.json?["temperature"]?.double == celsius
                }
            }
        }

        private func withHub(_ body: (LocalHubServer) async throws -> Void) async throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: "hub-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: folder) }
            var configuration = LocalHubServerConfiguration()
            configuration.mqttPort = 0
            configuration.restPort = 0
            configuration.directory = folder
            let server = try await LocalHubServer.start(configuration)
            do {
                try await server.hub.putDevice(
                    "d1",
                    DeviceSpecification(authentication: .sas(primaryKey: Self.key, secondaryKey: Self.key)))
                try await body(server)
            } catch {
                await server.stop()
                throw error
            }
            await server.stop()
        }
    }
}
