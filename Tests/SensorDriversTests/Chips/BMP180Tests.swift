// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import Testing

@testable import SensorDrivers

@Suite("BMP180")
struct BMP180Tests {
    typealias Step = ScriptedI2CBus.Step

    /// The calibration of the data sheet's example.
    static let words: [UInt8] = [
        0x01, 0x98, 0xFF, 0xB8, 0xC7, 0xD1, 0x7F, 0xE5, 0x7F, 0xF5, 0x5A, 0x71, 0x18, 0x2E, 0x00, 0x04,
        0x80, 0x00, 0xDD, 0xF9, 0x0B, 0x34,
    ]
    static let setUp: [Step] = [
        .read([0xD0], from: 0x77, returns: [0x55]), .read([0xAA], from: 0x77, returns: words),
    ]
    static let startTemperature = Step.write([0xF4, 0x2E], to: 0x77)
    static let startPressure = Step.write([0xF4, 0x34], to: 0x77)
    /// UT = 27898.
    static func temperature(control: UInt8 = 0x0E, _ data: [UInt8] = [0x6C, 0xFA]) -> Step {
        .read([0xF4], from: 0x77, returns: [control, 0x00] + data)
    }
    /// UP = 23843.
    static func pressure(control: UInt8 = 0x14, _ data: [UInt8] = [0x5D, 0x23, 0x00]) -> Step {
        .read([0xF4], from: 0x77, returns: [control, 0x00] + data)
    }

    private func sensor(on bus: ScriptedI2CBus, oversampling: Int? = nil) throws(SensorError) -> BMP180 {
        var part = Part(BMP180.name)
        part.oversampling = oversampling
        return try BMP180(I2CDevice(bus: bus, address: 0x77), part: part)
    }

    /// The kind of the error that one reading with these steps after the set-up ends with.
    private func errorKind(_ steps: [Step]) throws -> SensorErrorKind? {
        let (kind, deviations) = try ScriptedI2CBus.run(Self.setUp + steps) { bus -> SensorErrorKind? in
            var sensor = try sensor(on: bus)
            do throws(SensorError) {
                _ = try sensor.startConversion()
                while try sensor.collect().measurements == nil {}
                return nil
            } catch {
                return error.kind
            }
        }
        #expect(deviations == [])
        return kind
    }

    @Test("the data sheet's example: two conversions, four transactions, and nothing to put back")
    func transcript() throws {
        let steps =
            Self.setUp + [
                Self.startTemperature, Self.temperature(), Self.startPressure, Self.pressure(),
            ]
        let (measurements, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            #expect(try sensor.startConversion() == .microseconds(4500))
            #expect(try sensor.collect() == .wait(.microseconds(4500)))
            let measurements = try sensor.collect().measurements ?? []
            sensor.restore()
            #expect(throws: SensorError.self) { try sensor.collect() }
            return measurements
        }
        #expect(deviations == [])
        #expect(measurements.map(\.quantity) == [.temperature, .pressure])
        // Published, in steps of 0.1 °C and 1 Pa: 15.0 °C and 69964 Pa.
        #expect(abs(try #require(measurements.value(of: .temperature)) - 15.0) < 0.05)
        #expect(abs(try #require(measurements.value(of: .pressure)) - 69_964) < 3)
    }

    @Test(
        "oversampling has its command, its time and its bits",
        arguments: [(0, 0x34, 4500), (1, 0x74, 7500), (2, 0xB4, 13500), (3, 0xF4, 25500)]
            as [(Int, UInt8, Int)])
    func oversampling(oss: Int, command: UInt8, microseconds: Int) throws {
        let code = 23843 << 8
        let data = [UInt8(code >> 16), UInt8(code >> 8 & 0xFF), UInt8(code & 0xFF)]
        let steps =
            Self.setUp + [
                Self.startTemperature, Self.temperature(), .write([0xF4, command], to: 0x77),
                Self.pressure(control: command & ~0x20, data),
            ]
        let (pascals, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus, oversampling: oss)
            _ = try sensor.startConversion()
            #expect(try sensor.collect() == .wait(.microseconds(microseconds)))
            return try sensor.collect().measurements?.value(of: .pressure)
        }
        #expect(deviations == [])
        #expect(abs(try #require(pascals) - 69_964) < 3)
    }

    @Test("each conversion that is not over is read again, and at most ten times")
    func busy() throws {
        let busyT = Self.temperature(control: 0x2E, [0x80, 0x00])
        let busyP = Self.pressure(control: 0x34, [0x6C, 0xFA, 0x00])
        let busy = [
            Self.startTemperature, busyT, busyT, Self.temperature(), Self.startPressure, busyP,
            Self.pressure(),
        ]
        #expect(try errorKind(busy) == nil)
        #expect(
            try errorKind([Self.startTemperature] + [Step](repeating: busyT, count: 11)) == .notReady)
        #expect(
            try errorKind(
                [Self.startTemperature, Self.temperature(), Self.startPressure]
                    + [Step](repeating: busyP, count: 11)) == .notReady)
    }

    @Test("a reset during either conversion is seen, and the code of reset is believed where there was none")
    func powerOnValue() throws {
        #expect(
            try errorKind([Self.startTemperature, Self.temperature(control: 0, [0x80, 0x00])])
                == .powerOnValue)
        let toPressure = [Self.startTemperature, Self.temperature(), Self.startPressure]
        #expect(
            try errorKind(toPressure + [Self.pressure(control: 0, [0x80, 0x00, 0x00])]) == .powerOnValue)
        let genuine = [
            Self.startTemperature, Self.temperature([0x80, 0x00]), Self.startPressure, Self.pressure(),
        ]
        #expect(try errorKind(genuine) == nil)
        // A part that clears its control register would have to be believed, too.
        #expect(try errorKind(toPressure + [Self.pressure(control: 0)]) == nil)
    }

    @Test("the result of another command is not taken for the one that was asked for")
    func otherCommand() throws {
        #expect(
            try errorKind([Self.startTemperature, Self.temperature(control: 0x14, [0x5D, 0x23])])
                == .notMeasured)
        #expect(
            try errorKind([
                Self.startTemperature, Self.temperature(), Self.startPressure,
                Self.pressure(control: 0x0E, [0x6C, 0xFA, 0x00]),
            ]) == .notMeasured)
    }

    @Test("a dead bus gives no value")
    func deadBus() throws {
        let ones = Step.read([0xF4], from: 0x77, returns: [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(try errorKind([Self.startTemperature, ones]) == .busError)
    }

    @Test("a temperature out of range fails all, a pressure out of range only itself")
    func outOfRange() throws {
        #expect(
            try errorKind([Self.startTemperature, Self.temperature([0xFF, 0xFF])]) == .outOfRange)
        let steps =
            Self.setUp + [
                Self.startTemperature, Self.temperature(), Self.startPressure, Self.pressure([0, 0, 0]),
            ]
        let kinds = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            _ = try sensor.startConversion()
            _ = try sensor.collect()
            return try sensor.collect().measurements?.map { $0.value.failureKind }
        }.value
        #expect(kinds == [nil, .outOfRange])
    }

    @Test("a blank word anywhere in the calibration is refused", arguments: 0..<11, [0x00, 0xFF] as [UInt8])
    func badCalibration(word: Int, byte: UInt8) {
        var words = Self.words
        words.replaceSubrange(word * 2..<word * 2 + 2, with: [byte, byte])
        let error = #expect(throws: SensorError.self) { try BMP180Calibration(words) }
        #expect(error?.kind == .badCalibration)
        #expect(error?.isRetryable == true)
    }

    @Test(
        "its successors at the same address are named with the driver to write",
        arguments: [(0x58, "bmp280"), (0x60, "bme280")] as [(UInt8, String)])
    func isAnother(id: UInt8, driver: String) {
        let bus = RecordedI2CBus(.registers([0xD0: [id]]))
        let error = #expect(throws: SensorError.self) {
            try BMP180(I2CDevice(bus: bus, address: 0x77), part: Part("bmp085"))
        }
        #expect(error?.kind == .wrongIdentity)
        #expect(error?.description.contains("write driver = \"\(driver)\"") == true)
    }

    @Test("the catalog knows its predecessor by its own name")
    func alias() {
        #expect(DriverCatalog.driver(named: "bmp085")?.name == BMP180.name)
    }

    @Test("no calibration and no codes crash it or give a value out of range", arguments: 0..<20)
    func fuzz(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        func byte() -> UInt8 { .random(in: 0...255, using: &generator) }
        for _ in 0..<200 {
            let words = (0..<22).map { _ in byte() }
            for oss in 0..<4 {
                let registers = RecordedI2CBus(
                    .registers([0xD0: [0x55], 0xAA: words, 0xF4: [0, 0, byte(), byte(), byte()]]))
                var part = Part(BMP180.name)
                part.oversampling = oss
                guard var sensor = try? BMP180(I2CDevice(bus: registers, address: 0x77), part: part),
                    (try? sensor.startConversion()) != nil, (try? sensor.collect()) != nil,
                    let measurements = (try? sensor.collect())?.measurements
                else { continue }
                for measurement in measurements {
                    guard let value = measurement.goodValue else { continue }
                    #expect(BMP180.ranges[measurement.quantity]?.contains(value) == true)
                }
            }
        }
    }

    @Test(
        "an oversampling beyond 0…3 is taken for the nearest",
        arguments: [(-1, 0x34), (4, 0xF4)] as [(Int, UInt8)])
    func clampedOversampling(oss: Int, command: UInt8) throws {
        let steps =
            Self.setUp + [
                Self.startTemperature, Self.temperature(), .write([0xF4, command], to: 0x77),
            ]
        let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus, oversampling: oss)
            _ = try sensor.startConversion()
            _ = try sensor.collect()
        }
        #expect(deviations == [])
    }
}
