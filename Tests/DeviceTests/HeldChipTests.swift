// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import EmulatedHardware
import EmulatedMachine
import LocalHub
import Simulation
import Testing

extension DeviceTests {
    /// A chip that the real kernel's own driver holds, and the whole program on it.
    @Suite struct HeldChipTests {
        private static let held = """
            [sensors.living]
            driver = "tmp102"
            bus = "usb"
            address = 0x48
            interval = "500ms"
            """

        private static let named = """
            [sensors.living]
            driver = "hwmon"
            name = "tmp102"
            interval = "500ms"
            """

        private let machine: EmulatedMachine
        private let adapter = I2CTinyUSBAdapter()

        init() throws {
            machine = try DeviceTests.machine()
        }

        @Test("A held chip is refused with the driver's name and the way out, and the driver goes on reading")
        func refused() async throws {
            try await withAgent("held-refused", Self.held) { agent, hub, bus in
                let line = try await agent.firstLine { line in
                    line.text.contains("Sensor living is lost") ? line.text : nil
                }
                #expect(line.found.contains("The kernel driver tmp102 holds this address"))
                #expect(line.found.contains("when-held = \"kernel\""))
                #expect(try await machine.shell(Self.readHwmon, ["\(bus.number)"]) == ["21500"])
                #expect(await hub.telemetry().allSatisfy { $0.component != "thermostat1" })
            }
        }

        @Test("With when-held its driver's values are read, and the chip itself as soon as it is free")
        func whenHeld() async throws {
            let configuration = Self.held + "\nwhen-held = \"kernel\""
            try await withAgent("held-read", configuration) { agent, hub, bus in
                #expect(await hub.hasTemperature(21.5), "\(agent.end)")
                adapter.bus.setTMP102(to: -5.25)
                #expect(await hub.hasTemperature(-5.25), "\(agent.end)")
                try await machine.shell(Self.release, ["\(bus.number)"])
                adapter.bus.setTMP102(to: 30)
                #expect(await hub.hasTemperature(30), "\(agent.end)")
            }
        }

        @Test("A hwmon device is found by its name, again after its driver was bound anew")
        func byName() async throws {
            try await withAgent("held-named", Self.named) { agent, hub, bus in
                #expect(await hub.hasTemperature(21.5), "\(agent.end)")
                try await machine.shell(Self.release, ["\(bus.number)"])
                _ = try await agent.firstLine { $0.text.contains("Sensor living is lost") ? true : nil }
                adapter.bus.setTMP102(to: 12)
                try await machine.shell(Self.bind, ["\(bus.number)"])
                #expect(await hub.hasTemperature(12), "\(agent.end)")
            }
        }
    }
}

extension DeviceTests.HeldChipTests {
    private static let busID = "held"
    private static let bind = "echo tmp102 0x48 >/sys/bus/i2c/devices/i2c-$1/new_device"
    private static let release = "echo 0x48 >/sys/bus/i2c/devices/i2c-$1/delete_device"
    /// The driver answers EAGAIN until its first conversion is over.
    private static let readHwmon = """
        until value=$(cat /sys/bus/i2c/devices/$1-0048/hwmon/hwmon*/temp1_input); do sleep 0.05; done
        echo "$value"
        """

    /// Runs the agent beside a TMP102 at 21.5 °C that the kernel's driver holds, and expects a good end.
    private func withAgent(
        _ deviceID: String, _ sensor: String,
        _ body: (GuestProgram, Hub, GuestI2CBus) async throws -> Void
    ) async throws {
        var settings = LocalHubServerConfiguration()
        (settings.mqttPort, settings.restPort) = (0, 0)
        settings.extraNames = [GuestNetwork.program.host]
        let server = try await LocalHubServer.start(settings)
        adapter.bus.attach(TMP102Model(celsius: 21.5, poweredAt: .now), at: 0x48)
        let rest = "\n[telemetry]\ninterval = \"1s\"\n[thermostat1]\nsensor = \"living\"\n"
        var agent: GuestProgram?
        do {
            let bus = try await machine.plug(adapter, as: Self.busID)
            try await machine.shell(Self.bind, ["\(bus.number)"])
            let started = try await GuestAgent(in: machine)
                .run(as: deviceID, configuration: sensor + rest, hub: server)
            agent = started
            try await body(started, server.hub, bus)
            try await started.signal(.terminate)
            let result = try await started.result(within: .seconds(30))
            #expect(result.status == 0, "\(started.end)")
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
    /// The last lines that the program printed, for the text of a failure.
    fileprivate var end: String { output.entries.suffix(20).map(\.text).joined(separator: "\n") }
}

extension Hub {
    /// Waits for a temperature of thermostat1; false when a generous limit passes first.
    fileprivate func hasTemperature(_ celsius: Double) async -> Bool {
        await wait(upTo: .seconds(90)) { hub in
            hub.telemetry().contains {
                $0.component == "thermostat1" && $0.json?["temperature"]?.double == celsius
            }
        }
    }
}
