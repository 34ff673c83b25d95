// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import Quantities
import Simulation
import Testing

/// A chip for `sensor-agent read`: its driver, its place, and how close its values come to the air around it.
struct ReadChip: Sendable {
    var driver: String
    var address: UInt8
    var temperature = 0.07
    var humidity: Double?
    var pressure: Double?

    /// Chips whose addresses differ: one adapter takes them all, beside a DS2482 at 0x18.
    static let all = [
        Self(driver: "tmp102", address: 0x48), Self(driver: "adt7410", address: 0x49),
        Self(driver: "tmp117", address: 0x4A, temperature: 0.01),
        Self(driver: "lm75", address: 0x4F, temperature: 0.5), Self(driver: "mcp9808", address: 0x1A),
        Self(driver: "aht20", address: 0x38, temperature: 0.01, humidity: 0.01),
        Self(driver: "si7021", address: 0x40, temperature: 0.02, humidity: 0.05),
        Self(driver: "hdc2080", address: 0x41, temperature: 0.01, humidity: 0.01),
        Self(driver: "sht3x", address: 0x44, temperature: 0.01, humidity: 0.01),
        Self(driver: "sht4x", address: 0x45, temperature: 0.01, humidity: 0.01),
        Self(driver: "bme280", address: 0x76, temperature: 0.01, humidity: 0.02, pressure: 1),
        Self(driver: "bmp180", address: 0x77, temperature: 0.1, pressure: 5),
    ]

    /// Chips that have no address of their own left beside those.
    static let others = [
        Self(driver: "hdc1080", address: 0x40, temperature: 0.02, humidity: 0.02),
        Self(driver: "bmp280", address: 0x76, temperature: 0.01, pressure: 1),
    ]

    /// Its table in `agent.toml`; the sensor is named as its driver.
    func configuration(on bus: String) -> String {
        """
        [sensors.\(driver)]
        driver = "\(driver)"
        bus = "\(bus)"
        address = \(address)

        """
    }

    /// Powers its model up on a bus.
    func attach(_ ambient: Ambient, to bus: VirtualI2CBus) throws {
        let type = try #require(ChipModelCatalog.all[driver], "there is no model for \(driver)")
        bus.attach(type.init(ambient: ambient, poweredAt: bus.now), at: address)
    }

    /// Expects each quantity that it measures, and no other.
    func expect(
        _ ambient: Ambient, in sensor: SensorReports.Sensor,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let wanted: [(Quantity, Double, Double?)] = [
            (.temperature, ambient.celsius, temperature),
            (.relativeHumidity, ambient.relativeHumidity, humidity),
            (.pressure, ambient.pascals, pressure),
        ]
        for (quantity, expected, tolerance) in wanted {
            let value = sensor.value(quantity.rawValue)
            let isRight = tolerance.map { abs((value ?? .infinity) - expected) <= $0 } ?? (value == nil)
            let words = value.map { "\($0)" } ?? "nothing"
            #expect(
                isRight, "\(driver) \(quantity) is \(words): \(sensor.failure?.message ?? "")",
                sourceLocation: sourceLocation)
        }
    }
}
