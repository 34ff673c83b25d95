// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import EmulatedHardware
import EmulatedMachine
import Quantities
import Simulation
import Testing

extension DeviceTests {
    /// The kernel's own drivers read our chip models: two programs that know nothing of each other agree on the wire.
    @Suite(.pluggedAdapter) struct KernelDriverTests {
        private let machine: EmulatedMachine
        private let plugged: PluggedAdapterTrait.Plugged

        init() throws {
            machine = try DeviceTests.machine()
            plugged = try #require(PluggedAdapterTrait.plugged)
        }

        @Test(
            "The kernel's driver measures the air around the model", arguments: KernelDriver.all,
            [
                Ambient(celsius: 21.5, relativeHumidity: 45, pascals: 98_765),
                Ambient(celsius: -5.25, relativeHumidity: 80.5, pascals: 101_325),
            ])
        func measures(driver: KernelDriver, ambient: Ambient) async throws {
            if let module = driver.spareModule { try await machine.load(module) }
            plugged.adapter.bus.attach(
                driver.model.init(ambient: ambient, poweredAt: .now), at: driver.address)
            try await machine.bind(driver, on: plugged.bus)
            for value in driver.values {
                let expected = ambient[value.quantity]
                let measured = try await machine.measure(value, of: driver, on: plugged.bus, until: expected)
                #expect(
                    abs(measured - expected) <= value.step,
                    "\(value.attribute): \(measured) instead of \(expected)")
            }
            try await machine.unbind(driver, on: plugged.bus)
            plugged.adapter.bus.detach(at: driver.address)
            if let module = driver.spareModule { try await machine.unload(module) }
        }
    }
}

/// A driver of the kernel, the model that it is tried on, and what it measures there.
struct KernelDriver: Sendable, CustomTestStringConvertible {
    /// A value that a driver offers.
    struct Value: Sendable {
        var quantity: Quantity
        /// The file, as a shell pattern below the chip's directory.
        var attribute: String
        /// How many of the quantity's units one unit of the file is.
        var unit: Double
        /// The chip's resolution, in the quantity's unit.
        var step: Double

        static func hwmonTemperature(_ step: Double) -> Self {
            Self(quantity: .temperature, attribute: "hwmon/hwmon*/temp1_input", unit: 0.001, step: step)
        }

        static func hwmonHumidity(_ step: Double) -> Self {
            Self(
                quantity: .relativeHumidity, attribute: "hwmon/hwmon*/humidity1_input", unit: 0.001,
                step: step)
        }

        static func iioTemperature(_ step: Double) -> Self {
            Self(quantity: .temperature, attribute: "iio:device*/in_temp_input", unit: 0.001, step: step)
        }

        static func iioHumidity(_ step: Double) -> Self {
            Self(
                quantity: .relativeHumidity, attribute: "iio:device*/in_humidityrelative_input", unit: 0.001,
                step: step)
        }

        static func iioPressure(_ step: Double) -> Self {
            Self(quantity: .pressure, attribute: "iio:device*/in_pressure_input", unit: 1000, step: step)
        }
    }

    /// The name that the kernel binds by.
    var name: String
    var model: any AmbientChipModel.Type
    var address: UInt8
    var values: [Value]
    /// The module to load meanwhile, where the machine does not have it anyway.
    var spareModule: String?

    var testDescription: String { "\(name) on \(model)" }

    /// Every driver that Debian's kernel has for a chip that there is a model of.
    static let all = [
        Self(name: "tmp102", model: TMP102Model.self, address: 0x48, values: [.hwmonTemperature(0.0625)]),
        Self(
            name: "tmp112", model: TMP102Model.self, address: 0x49, values: [.hwmonTemperature(0.0625)],
            spareModule: "lm75"),
    ]
}

extension EmulatedMachine {
    /// Binds a driver to the chip; returns when all its files are there.
    fileprivate func bind(_ driver: KernelDriver, on bus: GuestI2CBus) async throws {
        try await shell(
            #"""
            echo "$1 $2" >"/sys/bus/i2c/devices/i2c-$3/new_device"
            cd "$4"
            shift 4
            for pattern; do until compgen -G "$pattern" >/dev/null; do sleep 0.05; done; done
            """#,
            [driver.name, "\(driver.address)", "\(bus.number)", driver.directory(on: bus)]
                + driver.values.map(\.attribute), within: .seconds(10))
    }

    /// Releases the chip again.
    fileprivate func unbind(_ driver: KernelDriver, on bus: GuestI2CBus) async throws {
        try await shell(
            #"echo "$1" >"/sys/bus/i2c/devices/i2c-$2/delete_device""#,
            ["\(driver.address)", "\(bus.number)"])
    }

    /// Reads a value until it is as expected or thirty readings were not: a chip's first conversion takes its time.
    ///
    /// Returns the last reading.
    fileprivate func measure(
        _ value: KernelDriver.Value, of driver: KernelDriver, on bus: GuestI2CBus, until expected: Double
    ) async throws -> Double {
        var measured = Double.nan
        for _ in 0..<30 {
            // Not ready yet is an error of the read.
            let text = try await shell(
                #"cd "$1"; cat $2 || true"#, [driver.directory(on: bus), value.attribute])
            guard let number = text.first.flatMap(Double.init) else { continue }
            measured = number * value.unit
            if abs(measured - expected) <= value.step { break }
        }
        return measured
    }
}

extension KernelDriver {
    fileprivate func directory(on bus: GuestI2CBus) -> String {
        let digits = String(address, radix: 16)
        return
            "/sys/bus/i2c/devices/\(bus.number)-\(String(repeating: "0", count: 4 - digits.count))\(digits)"
    }
}

extension Ambient {
    /// What there is of a quantity, in its unit.
    fileprivate subscript(quantity: Quantity) -> Double {
        switch quantity {
        case .temperature: celsius
        case .relativeHumidity: relativeHumidity
        case .pressure: pascals
        }
    }
}
