// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import Testing

@testable import SensorDrivers

/// What differs from the BME280, whose tests cover the driver that both share.
@Suite("BMP280")
struct BMP280Tests {
    typealias Step = ScriptedI2CBus.Step

    /// One burst: status, ctrl_meas, config, a reserved register, data.
    static func burst(
        status: UInt8 = 0, ctrlMeas: UInt8 = 0x24, config: UInt8 = 0xA0,
        _ data: [UInt8] = [0x65, 0x5A, 0xC0, 0x7E, 0xED, 0x00]
    ) -> Step {
        .read([0xF3], from: 0x77, returns: [status, ctrlMeas, config, 0x00] + data)
    }

    static func setUp(id: UInt8) -> [Step] {
        [
            .read([0xD0], from: 0x77, returns: [id]),
            burst(ctrlMeas: 0, config: 0, [0x80, 0, 0, 0x80, 0, 0]),
            .read([0x88], from: 0x77, returns: BME280Tests.words), .write([0xF5, 0xA0], to: 0x77),
        ]
    }

    static let start = Step.write([0xF4, 0x25], to: 0x77)

    private func sensor(on bus: ScriptedI2CBus) throws(SensorError) -> BMP280 {
        try BMP280(I2CDevice(bus: bus, address: 0x77), part: Part(BMP280.name))
    }

    @Test(
        "a reading costs one write and one read, nothing of the humidity is touched, samples are accepted",
        arguments: [0x58, 0x56, 0x57] as [UInt8])
    func transcript(id: UInt8) throws {
        let steps =
            Self.setUp(id: id) + [
                Self.start, Self.burst(), .write([0xF5, 0x00], to: 0x77), .write([0xF4, 0x00], to: 0x77),
            ]
        let (measurements, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            #expect(try sensor.startConversion() == .microseconds(6425))
            let measurements = try sensor.collect().measurements ?? []
            sensor.restore()
            return measurements
        }
        #expect(deviations == [])
        #expect(measurements.map(\.quantity) == [.temperature, .pressure])
        #expect(abs(try #require(measurements.value(of: .temperature)) - 25.0825) < 0.0001)
        #expect(abs(try #require(measurements.value(of: .pressure)) - 100_653.26) < 0.01)
    }

    @Test("a BME280 in its place is named with the driver to write")
    func isBME280() {
        let bus = RecordedI2CBus(.registers([0xD0: [0x60]]))
        let error = #expect(throws: SensorError.self) {
            try BMP280(I2CDevice(bus: bus, address: 0x77), part: Part(BMP280.name))
        }
        #expect(error?.kind == .wrongIdentity)
        #expect(error?.description.contains("this is a BME280: write driver = \"bme280\"") == true)
    }

    @Test("a chip that was reset, and may be another one by now, is seen by its config")
    func resetSince() throws {
        let steps = Self.setUp(id: 0x58) + [Self.start, Self.burst(config: 0x00)]
        let (kind, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            _ = try sensor.startConversion()
            return #expect(throws: SensorError.self) { try sensor.collect() }?.kind
        }
        #expect(kind == .powerOnValue)
        #expect(deviations == [])
    }

    @Test("a pressure out of range, and one without a formula's result, fail for themselves")
    func pressureFails() throws {
        let calibration = try BMx280Calibration(BME280Tests.words, humidity: nil)
        let burst = BMx280Registers([0, 0x24, 0xA0, 0, 0, 0, 0, 0x7E, 0xED, 0], from: 0xF3)
        #expect(
            try BMP280.measurements(from: burst, calibration).map { $0.value.failureKind } == [
                nil, .outOfRange,
            ])
        // dig_P2 = −32768, dig_P3 = 0: at this temperature the divisor is zero.
        var words = BME280Tests.words
        words.replaceSubrange(8..<12, with: [0x00, 0x80, 0x00, 0x00])
        let pole = try BMx280Calibration(words, humidity: nil)
        #expect(!pole.pascals(adcP: 0x60000, fineTemperature: 1_176_576).isFinite)
        #expect(pole.pascals(adcP: 0x60000, fineTemperature: 1_176_577).isFinite)
    }
}
