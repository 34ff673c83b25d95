// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import EmulatedHardware
import EmulatedMachine
import Simulation
import Testing

extension DeviceTests {
    /// The TMP102 model behind the kernel's own adapter and chip drivers.
    @Suite(.needs("i2cget", of: "i2c-tools")) struct TMP102Tests {
        private let machine: EmulatedMachine
        private let adapter = I2CTinyUSBAdapter()

        init() throws {
            machine = try DeviceTests.machine()
        }

        @Test("i2c-tools read the modelled temperature, bytes swapped as SMBus has words")
        func readsWord() async throws {
            let start = ContinuousClock.now
            try await withTMP102(at: 21.5) { bus in
                let word = try await machine.shell(Self.awaitWord, ["\(bus.number)", "0x8015"])
                #expect(word == ["0x8015"])
                let first = machine.bootTime + (ContinuousClock.now - start)
                print("Emulated machine: first reading \(first) after QEMU's start")

                adapter.bus.setTMP102(to: -5.25)
                let changed = try await machine.shell(Self.awaitWord, ["\(bus.number)", "0xc0fa"])
                #expect(changed == ["0xc0fa"])
                #expect(bus.adapter.hasPrefix("i2c-tiny-usb at bus 001 device "))
            }
        }

        @Test("The registers after power-up are those of the datasheet")
        func resetValues() async throws {
            try await withTMP102(at: 20) { bus in
                let registers = try await machine.shell(
                    "for register in 1 2 3; do i2cget -y $1 0x48 $register w; done", ["\(bus.number)"])
                #expect(registers == ["0xa060", "0x004b", "0x0050"])
            }
        }

        @Test(
            "The kernel's own tmp102 driver reads the same model", arguments: [(21.5, 21500), (-5.25, -5250)])
        func kernelDriver(celsius: Double, millidegrees: Int) async throws {
            try await withTMP102(at: celsius) { bus in
                let value = try await machine.shell(Self.awaitHwmon, ["\(bus.number)", "\(millidegrees)"])
                #expect(value == ["\(millidegrees)"])
            }
        }

        @Test("An address without a chip is ENXIO, and the chip beside it still answers")
        func absentChip() async throws {
            try await withTMP102(at: 21.5) { bus in
                let program = try await machine.run(
                    "/usr/sbin/i2cget", ["-y", "\(bus.number)", "0x49", "0", "w"])
                let result = try await program.result()
                #expect(result.status != 0)
                #expect(result.output.isEmpty)
                #expect(adapter.messages.last?.address == 0x49)
                #expect(adapter.messages.last?.fault == .noAcknowledge)
                let found = try await machine.shell("i2cdetect -y $1 0x40 0x4f", ["\(bus.number)"])
                #expect(found.joined().contains("-- -- -- -- -- -- -- -- 48 -- -- -- -- -- -- --"))
            }
        }

        @Test("Injected faults reach the program as errors, and the next call works")
        func faults() async throws {
            try await withTMP102(at: 21.5) { bus in
                let read = ["i2ctransfer", "-y", "\(bus.number)", "w1@0x48", "0", "r2@0x48"]
                for fault in [VirtualI2CFault.noAcknowledge, .transferError, .hang] {
                    adapter.bus.inject(fault, at: 0x48, times: 1)
                    let failed = try await machine.run("/usr/bin/env", read).result()
                    #expect(failed.status != 0, "\(fault)")
                    let good = try await machine.run("/usr/bin/env", read).result()
                    #expect(good.status == 0, "\(fault): \(good.errors)")
                    #expect(good.output.count == 1)
                }
            }
        }

        @Test("A pulled adapter takes its bus away and a plugged one brings it back")
        func unplug() async throws {
            try await withTMP102(at: 21.5) { bus in
                try await machine.unplug(bus.busID)
                let gone = try await machine.shell("ls /dev | grep '^i2c-' || true")
                #expect(!gone.contains("i2c-\(bus.number)"))
                let again = try await machine.plug(adapter, as: bus.busID)
                let word = try await machine.shell(Self.awaitWord, ["\(again.number)", "0x8015"])
                #expect(word == ["0x8015"])
            }
        }
    }
}

extension DeviceTests.TMP102Tests {
    /// Reads the temperature until it is the expected word; what differs to the end shows in the time limit's error.
    private static let awaitWord = """
        until word=$(i2cget -y "$1" 0x48 0 w) && [ "$word" = "$2" ]; do sleep 0.05; done
        echo "$word"
        """

    /// Binds the kernel's driver, reads it until the value is as expected, and unbinds it.
    private static let awaitHwmon = """
        bus=/sys/bus/i2c/devices/i2c-$1
        echo tmp102 0x48 >"$bus/new_device"
        until value=$(cat "$bus"/*-0048/hwmon/hwmon*/temp1_input) && [ "$value" = "$2" ]; do sleep 0.05; done
        echo 0x48 >"$bus/delete_device"
        echo "$value"
        """

    /// Plugs the adapter with one TMP102 for the time of `body`.
    private func withTMP102(at celsius: Double, _ body: (GuestI2CBus) async throws -> Void) async throws {
        adapter.bus.attach(TMP102Model(celsius: celsius, poweredAt: .now), at: 0x48)
        try await machine.with(adapter, as: "tmp102", body)
    }
}

extension VirtualI2CBus {
    /// Warms or cools the TMP102 at 0x48.
    func setTMP102(to celsius: Double) {
        let found: Void? = withModel(TMP102Model.self, at: 0x48) { $0.setTemperature(celsius, at: $1) }
        #expect(found != nil, "there is no TMP102 at 0x48")
    }
}
