// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import EmulatedHardware
import EmulatedMachine
import Quantities
import Simulation
import Testing

extension DeviceTests {
    /// Thermometer models behind the kernel's `ds2482` and `w1_therm`; what these write is given to our driver.
    @Suite struct OneWireTests {
        private let machine: EmulatedMachine
        private let adapter = I2CTinyUSBAdapter()

        init() throws {
            machine = try DeviceTests.machine()
        }

        @Test("The kernel finds every thermometer behind the bridge, and its text is what our driver reads")
        func reads() async throws {
            let parts = [
                DS18B20Model(serial: 0x0316_A279_FCFF, celsius: 21.5625),
                DS18B20Model(serial: 0x0000_0000_0001, celsius: -10.125, supply: .parasite),
                DS18B20Model(.ds18s20, serial: 0x0008_0123_4567, celsius: 22.25),
                DS18B20Model(.ds1822, serial: 0x0008_0123_4567, celsius: 85),
            ]
            try await machine.withThermometers(parts, on: adapter) { _ in
                var texts: [String] = []
                for part in parts {
                    let id = part.rom.id
                    // The kernel prints whole thousandths.
                    let celsius = (part.celsius * 1000).rounded(.towardZero) / 1000
                    texts.append(try await machine.expectThermometer(id, .success(celsius)))
                    let power = try await machine.shell("cat /sys/bus/w1/devices/$1/ext_power", [id])
                    #expect(power == [part.supply == .external ? "1" : "0"], "\(id)")
                }
                #expect(
                    texts.first == """
                        59 01 4b 46 7f ff 07 10 a2 : crc=a2 YES
                        59 01 4b 46 7f ff 07 10 a2 t=21562

                        """)
            }
        }

        @Test("A resolution that the kernel sets reaches the part, and its shorter time is kept")
        func resolution() async throws {
            let part = DS18B20Model(serial: 1, celsius: 21.9375)
            try await machine.withThermometers([part], on: adapter) { _ in
                let resolution = try await machine.shell(
                    "cd /sys/bus/w1/devices/$1; echo 9 >resolution; cat resolution conv_time", [part.rom.id])
                #expect(resolution == ["9", "95"])
                try await machine.expectThermometer(part.rom.id, .success(21.5))
            }
        }

        @Test("No fault of a part or its cable becomes a temperature, and each ends when the fault does")
        func faults() async throws {
            let part = DS18B20Model(serial: 0x0316_A279_FCFF, celsius: 21.5)
            let id = part.rom.id
            try await machine.withThermometers([part], on: adapter) { _ in
                // A wrong checksum, its own retries included, is an empty file with success.
                adapter.bus.setFault(.flippedBits([0, 0x40]), of: id)
                let bad = try await machine.expectThermometer(id, .failure(.empty))
                #expect(bad.isEmpty)

                adapter.bus.setFault(.sendsZeros, of: id)
                let zeros = try await machine.expectThermometer(id, .failure(.busError))
                #expect(zeros.hasPrefix("00 00 00 00 00 00 00 00 00 : crc=00 YES"))

                for condition in [OneWireLine.Condition.open, .shorted] {
                    adapter.bus.withLine { $0.setCondition(condition, at: $1) }
                    try await machine.expectThermometer(id, .failure(.empty))
                    adapter.bus.withLine { $0.setCondition(.good, at: $1) }
                }
                adapter.bus.withLine { line, _ in line.detach(id) }
                try await machine.expectThermometer(id, .failure(.empty))
                adapter.bus.withLine { line, _ in line.attach(part) }
                try await machine.expectThermometer(id, .success(21.5))
            }
        }

        @Test(
            "A part that never converted is told from one at 85 °C, with the kernel's own check and without")
        func powerOnValue() async throws {
            let part = DS18B20Model(serial: 0x0316_A279_FCFF, celsius: 85)
            let id = part.rom.id
            try await machine.withThermometers([part], on: adapter) { _ in
                adapter.bus.setFault(.neverConverts, of: id)
                let text = try await machine.expectThermometer(id, .failure(.powerOnValue))
                #expect(text.hasPrefix("50 05 4b 46 7f ff 0c 10"))
                try await machine.shell("echo 1 >/sys/bus/w1/devices/$1/features", [id])
                try await machine.expectThermometer(id, .failure(.empty))
                adapter.bus.setFault(nil, of: id)
                try await machine.expectThermometer(id, .success(85))
            }
        }
    }
}
