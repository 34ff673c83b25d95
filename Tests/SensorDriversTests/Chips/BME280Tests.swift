// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import Testing

@testable import SensorDrivers

@Suite("BME280")
struct BME280Tests {
    typealias Step = ScriptedI2CBus.Step

    /// T1…T3 and P1…P9 of the published example.
    static let words: [UInt8] = [
        0x70, 0x6B, 0x43, 0x67, 0x18, 0xFC, 0x7D, 0x8E, 0x43, 0xD6, 0xD0, 0x0B, 0x27, 0x0B, 0x8C, 0x00,
        0xF9, 0xFF, 0x8C, 0x3C, 0xF8, 0xC6, 0x70, 0x17,
    ]
    static let calibration: [Step] = [
        .read([0x88], from: 0x76, returns: words + [0x00, 0x4B]),
        .read([0xE1], from: 0x76, returns: [0x6A, 0x01, 0x00, 0x14, 0x23, 0x03, 0x1E]),
    ]
    static let configuration: [Step] = [
        .write([0xF2, 0x01], to: 0x76), .write([0xF5, 0xA0], to: 0x76),
    ]
    static let start = Step.write([0xF4, 0x25], to: 0x76)
    /// Codes of the published example: 25.08 °C and 100653.26 Pa; 42.6 %RH with the humidity's data above.
    static let codes: [UInt8] = [0x65, 0x5A, 0xC0, 0x7E, 0xED, 0x00, 0x6F, 0x00]
    static let resetCodes: [UInt8] = [0x80, 0, 0, 0x80, 0, 0, 0x80, 0]

    /// One burst: ctrl_hum, status, ctrl_meas, config, a reserved register, data.
    static func burst(
        ctrlHum: UInt8 = 0x01, status: UInt8 = 0, ctrlMeas: UInt8 = 0x24, config: UInt8 = 0xA0,
        _ data: [UInt8] = codes
    ) -> Step {
        .read([0xF2], from: 0x76, returns: [ctrlHum, status, ctrlMeas, config, 0x00] + data)
    }

    /// The set-up of a chip as it is after power-up.
    static let setUp: [Step] =
        [
            .read([0xD0], from: 0x76, returns: [0x60]),
            burst(ctrlHum: 0, ctrlMeas: 0, config: 0, resetCodes),
        ] + calibration + configuration

    private func sensor(on bus: ScriptedI2CBus) throws(SensorError) -> BME280 {
        try BME280(I2CDevice(bus: bus, address: 0x76), part: Part(BME280.name))
    }

    private func reading(_ sensor: inout BME280) throws(SensorError) -> [Measurement] {
        #expect(try sensor.startConversion() == .microseconds(9300))
        guard case .finished(let measurements) = try sensor.collect() else {
            throw SensorError(.notReady, "the driver waits")
        }
        return measurements
    }

    /// Runs one reading after the set-up; the script holds what follows the start.
    private func afterStart(_ steps: [Step]) throws -> Result<[Measurement], SensorError> {
        let (result, deviations) = try ScriptedI2CBus.run(Self.setUp + [Self.start] + steps) { bus in
            var sensor = try sensor(on: bus)
            do throws(SensorError) {
                return Result<[Measurement], SensorError>.success(try reading(&sensor))
            } catch {
                return .failure(error)
            }
        }
        #expect(deviations == [])
        return result
    }

    @Test("a reading costs one write and one read, and the settings found are put back")
    func transcript() throws {
        let steps =
            Self.setUp + [
                Self.start, Self.burst(), Self.start, Self.burst(),
                .write([0xF2, 0x00], to: 0x76), .write([0xF5, 0x00], to: 0x76),
                .write([0xF4, 0x00], to: 0x76),
            ]
        let (measurements, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            let first = try reading(&sensor)
            #expect(try reading(&sensor) == first)
            sensor.restore()
            return first
        }
        #expect(deviations == [])
        #expect(measurements.map(\.quantity) == [.temperature, .pressure, .relativeHumidity])
        #expect(abs(try #require(measurements.value(of: .temperature)) - 25.0825) < 0.0001)
        #expect(abs(try #require(measurements.value(of: .pressure)) - 100_653.26) < 0.01)
        #expect(abs(try #require(measurements.value(of: .relativeHumidity)) - 42.6093) < 0.0001)
    }

    @Test(
        "a chip that is still busy is read again, whichever bit says so",
        arguments: [(0x08, 0x25), (0x01, 0x25), (0x00, 0x25), (0x08, 0x24), (0x01, 0x24)] as [(UInt8, UInt8)])
    func busy(status: UInt8, ctrlMeas: UInt8) throws {
        let busy = Self.burst(status: status, ctrlMeas: ctrlMeas, Self.resetCodes)
        let steps = Self.setUp + [Self.start, busy, busy, Self.burst()]
        let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            _ = try sensor.startConversion()
            #expect(try sensor.collect() == .wait(.milliseconds(2)))
            #expect(try sensor.collect() == .wait(.milliseconds(2)))
            #expect(try sensor.collect().measurements?.count == 3)
        }
        #expect(deviations == [])
    }

    @Test("a chip that stays busy is an error after ten waits, and the next reading is a new one")
    func busyForEver() throws {
        let busy = Self.burst(status: 0x08, ctrlMeas: 0x25)
        let steps =
            Self.setUp + [Self.start] + [Step](repeating: busy, count: 11) + [Self.start, Self.burst()]
        let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            _ = try sensor.startConversion()
            for _ in 0..<10 { #expect(try sensor.collect().measurements == nil) }
            let error = #expect(throws: SensorError.self) { try sensor.collect() }
            #expect(error?.kind == .notReady)
            let stale = #expect(throws: SensorError.self) { try sensor.collect() }
            #expect(stale?.kind == .notMeasured)
            #expect(try reading(&sensor).count == 3)
        }
        #expect(deviations == [])
    }

    @Test("a chip that was reset gives no value, and the next reading sets it up anew, calibration included")
    func resetSince() throws {
        let lost = Self.burst(ctrlHum: 0, ctrlMeas: 0x24, config: 0, Self.codes)
        let restored: [Step] = [
            .write([0xF2, 0x02], to: 0x76), .write([0xF5, 0x10], to: 0x76), .write([0xF4, 0x48], to: 0x76),
        ]
        let found = Self.burst(ctrlHum: 0x02, ctrlMeas: 0x48, config: 0x10)
        let first =
            [.read([0xD0], from: 0x76, returns: [0x60]), found] + Self.calibration + Self.configuration
        let steps = first + [Self.start, lost] + Self.setUp + [Self.start, Self.burst()] + restored
        let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            let error = #expect(throws: SensorError.self) { try reading(&sensor) }
            #expect(error?.kind == .powerOnValue)
            #expect(error?.isRetryable == true)
            #expect(try reading(&sensor).count == 3)
            sensor.restore()
        }
        #expect(deviations == [])
    }

    @Test(
        "settings of somebody else give no value",
        arguments: [(0x05, 0x24, 0xA0), (0x01, 0x54, 0xA0), (0x01, 0x24, 0xB0)] as [(UInt8, UInt8, UInt8)])
    func otherSettings(ctrlHum: UInt8, ctrlMeas: UInt8, config: UInt8) throws {
        let result = try afterStart([Self.burst(ctrlHum: ctrlHum, ctrlMeas: ctrlMeas, config: config)])
        guard case .failure(let error) = result else { throw SensorError(.malformed, "there is a value") }
        #expect(error.kind == .notMeasured)
        #expect(error.description.contains("another program"))
    }

    @Test("bits that are reserved may read as anything")
    func reservedBits() throws {
        let burst = Self.burst(ctrlHum: 0xF9, status: 0xF6, config: 0xA2)
        #expect(try afterStart([burst]).get().count == 3)
    }

    @Test("a chip in normal mode is sent to sleep and configured once its conversion is over")
    func awake() throws {
        // ×2, ×16, ×1: 1.25 + 4.6 + 37.375 + 2.875 ms.
        let steps: [Step] =
            [
                .read([0xD0], from: 0x76, returns: [0x60]),
                Self.burst(ctrlHum: 0x01, status: 0x08, ctrlMeas: 0x57, config: 0x10),
            ] + Self.calibration + [.write([0xF4, 0x54], to: 0x76)] + Self.configuration + [
                Self.start, Self.burst(), Self.start, Self.burst(),
                .write([0xF2, 0x01], to: 0x76), .write([0xF5, 0x10], to: 0x76),
                .write([0xF4, 0x57], to: 0x76),
            ]
        let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            #expect(try sensor.startConversion() == .microseconds(46_100))
            #expect(try sensor.collect() == .wait(.microseconds(9300)))
            #expect(try sensor.collect().measurements?.count == 3)
            #expect(try reading(&sensor).count == 3)
            sensor.restore()
        }
        #expect(deviations == [])
    }

    @Test("a forced conversion of somebody else is not started again at the end")
    func forcedByOthers() throws {
        let steps: [Step] =
            [
                .read([0xD0], from: 0x76, returns: [0x60]),
                Self.burst(ctrlHum: 0, status: 0x08, ctrlMeas: 0x26, config: 0),
            ] + Self.calibration + [
                .write([0xF2, 0x00], to: 0x76), .write([0xF5, 0x00], to: 0x76),
                .write([0xF4, 0x24], to: 0x76),
            ]
        let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            sensor.restore()
        }
        #expect(deviations == [])
    }

    @Test("a skipped pressure or humidity fails for itself, a skipped temperature fails all")
    func skipped() throws {
        let pressure = try afterStart([Self.burst([0x80, 0, 0] + Self.codes[3...])]).get()
        #expect(pressure.map { $0.value.failureKind } == [nil, .notMeasured, nil])
        let humidity = try afterStart([Self.burst(Self.codes[..<6] + [0x80, 0])]).get()
        #expect(humidity.map { $0.value.failureKind } == [nil, nil, .notMeasured])
        let temperature = try afterStart([Self.burst(Self.codes[..<3] + [0x80, 0, 0] + Self.codes[6...])])
        #expect(temperature.failureKind == .notMeasured)
        // The low nibble is no data.
        let noisy = try afterStart([Self.burst(Self.codes[..<3] + [0x80, 0, 0x0F] + Self.codes[6...])])
        #expect(noisy.failureKind == .notMeasured)
    }

    @Test("a dead bus gives no value")
    func deadBus() throws {
        let ones = [UInt8](repeating: 0xFF, count: 13)
        #expect(try afterStart([.read([0xF2], from: 0x76, returns: ones)]).failureKind == .busError)
    }

    @Test(
        "the humidity is limited with a flag where it is little beyond 0…100 %, and refused where it is far")
    func humidityLimits() throws {
        for (code, value) in [(0x5000, 0.0), (0xA000, 100)] as [(UInt16, Double)] {
            let humidity = try #require(try self.humidity(of: code))
            #expect(humidity.value == .success(value))
            #expect(humidity.flags == [.humidityClamped])
        }
        for code in [0x0000, 0xFFFF] as [UInt16] {
            let humidity = try #require(try self.humidity(of: code))
            #expect(humidity.value == .failure(.outOfRange))
        }
        #expect(try #require(try self.humidity(of: 0x6F00)).flags == [])
    }

    private func humidity(of code: UInt16) throws -> Measurement? {
        let bytes = [UInt8(code >> 8), UInt8(code & 0xFF)]
        return try afterStart([Self.burst(Self.codes[..<6] + bytes)]).get().last
    }
}

/// Set-ups that must fail, and input that must not crash.
extension BME280Tests {
    @Test(
        "a BMP280 in its place is named with the driver to write", arguments: [0x56, 0x57, 0x58] as [UInt8])
    func isBMP280(id: UInt8) throws {
        let error = try setUpError([.read([0xD0], from: 0x76, returns: [id])])
        #expect(error?.kind == .wrongIdentity)
        #expect(error?.isRetryable == false)
        #expect(error?.description.contains("this is a BMP280: write driver = \"bmp280\"") == true)
    }

    @Test(
        "other chips are refused, known ones by name",
        arguments: [(0x61, "BME680"), (0x55, "bmp180"), (0x12, "0x12"), (0x00, "0x00")] as [(UInt8, String)])
    func isAnother(id: UInt8, text: String) throws {
        let error = try setUpError([.read([0xD0], from: 0x76, returns: [id])])
        #expect(error?.kind == .wrongIdentity)
        #expect(error?.description.contains(text) == true)
    }

    @Test("an idle bus is no chip")
    func idleBus() throws {
        #expect(try setUpError([.read([0xD0], from: 0x76, returns: [0xFF])])?.kind == .busError)
    }

    @Test("a chip that copies its trimming data is not ready")
    func copying() throws {
        let error = try setUpError([
            .read([0xD0], from: 0x76, returns: [0x60]),
            Self.burst(ctrlHum: 0, status: 0x01, ctrlMeas: 0, config: 0, Self.resetCodes),
        ])
        #expect(error?.kind == .notReady)
        #expect(error?.isRetryable == true)
    }

    @Test(
        "blank trimming data, and such as divide by zero, are refused",
        arguments: [0..<2, 2..<4, 6..<8, 0..<24], [0x00, 0xFF] as [UInt8])
    func badCalibration(range: Range<Int>, byte: UInt8) throws {
        var words = Self.words
        words.replaceSubrange(range, with: [UInt8](repeating: byte, count: range.count))
        let isBad = byte == 0 || range.count == 24
        let humidity = Self.calibration[1]
        let steps: [Step] = [
            .read([0x88], from: 0x76, returns: words + [0x00, 0x4B]), humidity,
        ]
        #expect(try calibrationError(steps)?.kind == (isBad ? .badCalibration : nil))
    }

    @Test("blank trimming data of the humidity are refused", arguments: [0x00, 0xFF] as [UInt8])
    func badHumidityCalibration(byte: UInt8) throws {
        let blank = Step.read([0xE1], from: 0x76, returns: [UInt8](repeating: byte, count: 7))
        #expect(try calibrationError([Self.calibration[0], blank])?.kind == .badCalibration)
    }

    @Test("a part that is taken as given is asked for nothing but its trimming data")
    func takenAsGiven() throws {
        var part = Part(BME280.name)
        part.isTakenAsGiven = true
        let foreign = Self.burst(ctrlHum: 0, ctrlMeas: 0, config: 0)
        let (measurements, deviations) = try ScriptedI2CBus.run(Self.calibration + [Self.start, foreign]) {
            var sensor = try BME280(I2CDevice(bus: $0, address: 0x76), part: part)
            return try reading(&sensor)
        }
        #expect(measurements.count == 3)
        #expect(deviations == [])
    }

    @Test("no trimming data and no codes crash it or give a value out of range", arguments: 0..<20)
    func fuzz(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        func bytes(_ count: Int) -> [UInt8] {
            (0..<count).map { _ in
                Bool.random(using: &generator)
                    ? .random(in: 0...255, using: &generator)
                    : [0, 0xFF, 0x80, 0x7F].randomElement(using: &generator) ?? 0
            }
        }
        for _ in 0..<500 {
            guard let calibration = try? BMx280Calibration(bytes(26), humidity: bytes(7)) else { continue }
            for _ in 0..<20 {
                let registers = BMx280Registers(bytes(13), from: 0xF2)
                let measurements = (try? BME280.measurements(from: registers, calibration)) ?? []
                for measurement in measurements {
                    guard let value = measurement.goodValue else { continue }
                    #expect(BME280.ranges[measurement.quantity]?.contains(value) == true)
                }
            }
        }
    }

    private func setUpError(_ steps: [Step]) throws -> SensorError? {
        let (error, deviations) = ScriptedI2CBus.run(steps) { bus -> SensorError? in
            do throws(SensorError) {
                _ = try sensor(on: bus)
                return nil
            } catch {
                return error
            }
        }
        #expect(deviations == [])
        return error
    }

    private func calibrationError(_ steps: [Step]) throws -> SensorError? {
        var part = Part(BME280.name)
        part.isTakenAsGiven = true
        return ScriptedI2CBus.run(steps) { bus -> SensorError? in
            do throws(SensorError) {
                _ = try BME280(I2CDevice(bus: bus, address: 0x76), part: part)
                return nil
            } catch {
                return error
            }
        }.value
    }
}

extension Result where Failure == SensorErrorKind {
    /// Why there is no value, or `nil` where there is one.
    var failureKind: SensorErrorKind? {
        if case .failure(let kind) = self { kind } else { nil }
    }
}

extension Result where Failure == SensorError {
    /// The kind of the error, or `nil` where there is a value.
    var failureKind: SensorErrorKind? {
        if case .failure(let error) = self { error.kind } else { nil }
    }
}
