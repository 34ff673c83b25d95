// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import EmulatedHardware
import EmulatedMachine
import Simulation
import Testing

extension DeviceTests {
    /// The TMP102 model behind the kernel's own adapter and chip drivers.
    @Suite struct TMP102Tests {
        private static let address: UInt8 = 0x48
        private let machine: EmulatedMachine
        private let adapter = I2CTinyUSBAdapter()

        init() throws {
            machine = try DeviceTests.machine()
        }

        @Test("i2c-tools read the modelled temperature, the word swapped as SMBus has it")
        func readsWord() async throws {
            try await withTMP102(at: 21.5) { bus in
                let word = try await word(on: bus)
                #expect(word == "0x8015")
                print("Emulated machine: first reading \(machine.bootTime) after QEMU's start plus plugging")
            }
        }
    }
}

extension DeviceTests.TMP102Tests {
    private func word(on bus: GuestI2CBus) async throws -> String {
        try await machine.shell("i2cget -y \(bus.number) 0x48 0x00 w").joined()
    }

    private func withTMP102(
        at celsius: Double, _ body: (GuestI2CBus) async throws -> Void
    ) async throws {
        adapter.bus.attach(TMP102Model(celsius: celsius, poweredAt: .now), at: Self.address)
        let bus = try await machine.plug(adapter, as: "tmp102")
        try await body(bus)
        try await machine.unplug(bus.busID)
    }
}
