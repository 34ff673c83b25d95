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
                #expect(await hub.hasTemperature(21.5), "\(agent.tail)")
                adapter.bus.setTMP102(to: -5.25)
                #expect(await hub.hasTemperature(-5.25), "\(agent.tail)")
                try await machine.shell(Self.release, ["\(bus.number)"])
                adapter.bus.setTMP102(to: 30)
                #expect(await hub.hasTemperature(30), "\(agent.tail)")
            }
        }

        @Test("A hwmon device is found by its name, again after its driver was bound anew")
        func byName() async throws {
            try await withAgent("held-named", Self.named) { agent, hub, bus in
                #expect(await hub.hasTemperature(21.5), "\(agent.tail)")
                try await machine.shell(Self.release, ["\(bus.number)"])
                _ = try await agent.firstLine { $0.text.contains("Sensor living is lost") ? true : nil }
                adapter.bus.setTMP102(to: 12)
                try await machine.shell(Self.bind, ["\(bus.number)"])
                #expect(await hub.hasTemperature(12), "\(agent.tail)")
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
        adapter.bus.attach(TMP102Model(celsius: 21.5, poweredAt: .now), at: 0x48)
        let rest = "\n[telemetry]\ninterval = \"1s\"\n[thermostat1]\nsensor = \"living\"\n"
        try await LocalHubServer.withGuest { server in
            try await machine.with(adapter, as: Self.busID) { bus in
                try await machine.shell(Self.bind, ["\(bus.number)"])
                let guest = try GuestAgent(in: machine)
                try await guest.withRun(as: deviceID, configuration: sensor + rest, hub: server) { agent in
                    try await body(agent, server.hub, bus)
                    try await agent.expectGoodEnd()
                }
            }
        }
    }
}
