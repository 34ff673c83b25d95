// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import Quantities
import Simulation
import Testing

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

        /// The shell's words for what is to be read: the file, the number expected there, how far it may be off.
        func words(for ambient: Ambient) -> [String] {
            // Drivers cut to whole thousandths what the chip measures finer.
            [attribute, "\(expected(in: ambient) / unit)", "\(max(step, 0.001) / unit + (unit < 1 ? 1 : 0))"]
        }

        /// What is there to be measured.
        func expected(in ambient: Ambient) -> Double {
            switch quantity {
            case .temperature: ambient.celsius
            case .relativeHumidity: ambient.relativeHumidity
            case .pressure: ambient.pascals
            }
        }
    }

    /// The name that the kernel binds by.
    var name: String
    /// The part that the model is of.
    var part: String
    var address: UInt8
    /// The module to load meanwhile, where the machine does not have it anyway.
    var spareModule: String?
    var values: [Value]
    private var attachModel: @Sendable (Ambient, VirtualI2CBus, UInt8) -> Void

    var testDescription: String { "\(name) on \(part)" }

    init<Model: I2CChipModel>(
        _ name: String, for part: String? = nil, at address: UInt8, of spareModule: String? = nil,
        _ values: [Value],
        on model: @escaping @Sendable (Ambient, ContinuousClock.Instant) -> Model
    ) {
        self.name = name
        self.part = part ?? name
        self.address = address
        self.spareModule = spareModule
        self.values = values
        attachModel = { ambient, bus, address in bus.attach(model(ambient, bus.now), at: address) }
    }

    /// Powers the model up on a bus.
    func attach(_ ambient: Ambient, to bus: VirtualI2CBus) {
        attachModel(ambient, bus, address)
    }
}

extension KernelDriver {
    /// Every driver that Debian's kernel has for a chip that there is a model of.
    static let all = hwmonThermometers + hwmonHygrometers + barometers

    private static let hwmonThermometers = [
        Self("tmp102", at: 0x48, [.hwmonTemperature(0.0625)]) { TMP102Model(ambient: $0, poweredAt: $1) },
        Self("tmp112", at: 0x49, of: "lm75", [.hwmonTemperature(0.0625)]) {
            TMP102Model(ambient: $0, poweredAt: $1)
        },
        lm75("lm75", .lm75, 0.5), lm75("lm75b", .lm75b, 0.125), lm75("pct2075", .pct2075, 0.125),
        lm75("tmp75", .tmp75, 0.0625),
        Self("jc42", for: "mcp9808", at: 0x18, of: "jc42", [.hwmonTemperature(0.0625)]) {
            MCP9808Model(ambient: $0, poweredAt: $1)
        },
    ]

    private static func lm75(_ name: String, _ variant: LM75Model.Variant, _ step: Double) -> Self {
        Self(name, at: 0x4F, of: "lm75", [.hwmonTemperature(step)]) {
            LM75Model(variant, ambient: $0, poweredAt: $1)
        }
    }

    private static let hwmonHygrometers = [
        Self("sht3x", at: 0x44, [.hwmonTemperature(175.0 / 65_535), .hwmonHumidity(100.0 / 65_535)]) {
            SHT3xModel(ambient: $0, poweredAt: $1)
        },
        Self("sht4x", at: 0x45, [.hwmonTemperature(175.0 / 65_535), .hwmonHumidity(125.0 / 65_535)]) {
            SHT4xModel(ambient: $0, poweredAt: $1)
        },
        // The kernel's sht21 makes the same commands and the same sums as a Si7021 and an HTU21D need.
        Self(
            "sht21", for: "si7021", at: 0x40,
            [.hwmonTemperature(175.72 / 16_384), .hwmonHumidity(125.0 / 4096)]
        ) {
            Si7021Model(.si7021, ambient: $0, poweredAt: $1)
        },
        Self(
            "sht21", for: "htu21d", at: 0x40,
            [.hwmonTemperature(175.72 / 16_384), .hwmonHumidity(125.0 / 4096)]
        ) {
            Si7021Model(.htu21d, ambient: $0, poweredAt: $1)
        },
    ]

    private static let barometers = [
        Self("bmp180", at: 0x77, [.iioTemperature(0.1), .iioPressure(1)]) {
            BMP180Model(ambient: $0, poweredAt: $1)
        },
        Self("bmp280", at: 0x76, [.iioTemperature(0.01), .iioPressure(0.2)]) {
            BMP280Model(ambient: $0, poweredAt: $1)
        },
        Self("bme280", at: 0x77, [.iioTemperature(0.01), .iioPressure(0.2), .iioHumidity(0.01)]) {
            BME280Model(ambient: $0, poweredAt: $1)
        },
    ]
}

extension KernelDriver.Value {
    /// Millidegrees of hwmon.
    static func hwmonTemperature(_ step: Double) -> Self {
        Self(quantity: .temperature, attribute: "hwmon/hwmon*/temp1_input", unit: 0.001, step: step)
    }

    /// Thousandths of a percent of hwmon.
    static func hwmonHumidity(_ step: Double) -> Self {
        Self(quantity: .relativeHumidity, attribute: "hwmon/hwmon*/humidity1_input", unit: 0.001, step: step)
    }

    /// Millidegrees of IIO.
    static func iioTemperature(_ step: Double) -> Self {
        Self(quantity: .temperature, attribute: "iio:device*/in_temp_input", unit: 0.001, step: step)
    }

    /// Thousandths of a percent of IIO.
    static func iioHumidity(_ step: Double) -> Self {
        Self(
            quantity: .relativeHumidity, attribute: "iio:device*/in_humidityrelative_input", unit: 0.001,
            step: step)
    }

    /// Kilopascals of IIO.
    static func iioPressure(_ step: Double) -> Self {
        Self(quantity: .pressure, attribute: "iio:device*/in_pressure_input", unit: 1000, step: step)
    }
}
