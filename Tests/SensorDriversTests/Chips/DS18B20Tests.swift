// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import Testing

@testable import SensorDrivers

@Suite("DS18B20")
struct DS18B20Tests {
    static let id = "28-0316a279fcff"

    /// The two lines of `w1_slave` for a scratchpad, as the kernel prints them.
    static func text(_ code: Int16, byte6: UInt8 = 0x10) -> String {
        let word = UInt16(bitPattern: code)
        var bytes = [UInt8(word & 0xFF), UInt8(word >> 8), 0x4B, 0x46, 0x7F, 0xFF, byte6, 0x10]
        bytes.append(CRC8.maxim(bytes))
        let row = bytes.map(hex).joined(separator: " ")
        return "\(row) : crc=\(hex(bytes[8])) YES\n\(row) t=\(Int(code) * 1000 / 16)\n"
    }

    private static func device(_ text: String) -> InMemorySysfsDevice {
        InMemorySysfsDevice(["w1_slave": .success(Array(text.utf8))], location: "/sys/bus/w1/devices/\(id)")
    }

    @Test("every code within the range comes back as the kernel prints it, every other is refused")
    func everyCode() {
        // Outside the range every ninth is enough: 9 has no factor in common with the format's powers of two.
        let codes = Array(stride(from: Int16.min, through: .max, by: 9)) + Array(-1000...2100)
        let wrong = codes.filter { $0 != 85 * 16 }.filter { code in
            let text = Array(Self.text(code).utf8)
            let value = try? DS18B20.measurement(fromSlaveText: text, family: "28").goodValue
            return value != (-880...2000 ~= code ? Double(Int(code) * 1000 / 16) / 1000 : nil)
        }
        #expect(wrong == [])
    }

    @Test("85 °C is true after a conversion, and the power-on value before one")
    func powerOn() throws {
        let real = Array(Self.text(85 * 16).utf8)
        #expect(try DS18B20.measurement(fromSlaveText: real, family: "28").goodValue == 85)
        let cold = Array(Self.text(85 * 16, byte6: 0x0C).utf8)
        let error = #expect(throws: SensorError.self) {
            try DS18B20.measurement(fromSlaveText: cold, family: "28")
        }
        #expect(error?.kind == .powerOnValue)
    }

    @Test("no text with one wrong byte is believed")
    func oneWrongByte() {
        let good = Array(Self.text(344).utf8)
        #expect((try? DS18B20.measurement(fromSlaveText: good, family: "28")) != nil)
        let believed = good.indices.filter { position in
            (UInt8.min...UInt8.max).contains { byte in
                var text = good
                text[position] = byte
                return text != good && (try? DS18B20.measurement(fromSlaveText: text, family: "28")) != nil
            }
        }
        #expect(believed == [])
    }

    @Test("random text never crashes and never gives a value out of range", arguments: DS18B20.families)
    func fuzz(family: String) {
        var generator = SeededGenerator(seed: 1)
        let alphabet = Array("0123456789abcdef :crc=YESNOt-\n\0\u{7F}".utf8)
        let template = Array(Self.text(400).utf8)
        for _ in 0..<4_000 {
            var text = template
            for _ in 0..<Int.random(in: 1...6, using: &generator) where !text.isEmpty {
                let position = Int.random(in: 0..<text.count, using: &generator)
                switch UInt8.random(in: 0...3, using: &generator) {
                case 0: text.remove(at: position)
                case 1:
                    text.insert(alphabet[Int.random(in: 0..<alphabet.count, using: &generator)], at: position)
                case 2: text[position] = UInt8.random(in: 0...255, using: &generator)
                default: text.removeLast(text.count - position)
                }
            }
            let measurements = [
                try? DS18B20.measurement(fromSlaveText: text, family: family),
                try? DS18B20.measurement(fromTemperatureText: text, family: family),
            ]
            for case .success(let value)? in measurements.map({ $0?.value }) {
                let range = family == "3b" ? -270.0...1800.0 : -55.0...125.0
                if !range.contains(value) { Issue.record("\(value) from \(text)") }
            }
        }
    }

    @Test("features are improved where they can be, and put back")
    func features() throws {
        let device = Self.device(Self.text(344))
        device.files["features"] = .success(Array("0\n".utf8))
        device.files["ext_power"] = .success(Array("1\n".utf8))
        device.writable = ["features"]
        var sensor = try DS18B20(device, id: Self.id)
        #expect(device.files["features"] == .success(Array("3\n".utf8)))
        #expect(try sensor.startConversion() == .zero)
        #expect(try sensor.collect().measurements?.first?.goodValue == 21.5)
        sensor.restore()
        sensor.restore()
        #expect(device.files["features"] == .success(Array("0\n".utf8)))
        #expect(device.writes.count == 2)
    }

    @Test("a part that lives off the data line is not polled for completion")
    func parasitePower() throws {
        let device = Self.device(Self.text(344))
        device.files["features"] = .success(Array("0\n".utf8))
        device.files["ext_power"] = .success(Array("0\n".utf8))
        device.writable = ["features"]
        _ = try DS18B20(device, id: Self.id)
        #expect(device.files["features"] == .success(Array("1\n".utf8)))
    }

    @Test("without the right to write, or without the file, it reads all the same")
    func noFeatures() throws {
        let device = Self.device(Self.text(344))
        var sensor = try DS18B20(device, id: Self.id)
        _ = try sensor.startConversion()
        #expect(try sensor.collect().measurements?.first?.goodValue == 21.5)
        device.files["features"] = .success(Array("0\n".utf8))
        sensor = try DS18B20(device, id: Self.id)
        _ = try sensor.startConversion()
        #expect(try sensor.collect().measurements?.first?.goodValue == 21.5)
        #expect(device.writes.isEmpty)
    }

    @Test("one reading is one read of the file, which starts the conversion, and nothing is given twice")
    func oneRead() throws {
        let device = Self.device(Self.text(344))
        var sensor = try DS18B20(device, id: Self.id)
        let before = device.reads.count
        let early = #expect(throws: SensorError.self) { try sensor.collect() }
        #expect(early?.kind == .notMeasured)
        _ = try sensor.startConversion()
        _ = try sensor.collect()
        #expect(device.reads.count == before + 1)
        #expect(throws: SensorError.self) { try sensor.collect() }
    }

    @Test("after a failure the next reading is a new one")
    func recovery() throws {
        let device = Self.device("")
        var sensor = try DS18B20(device, id: Self.id)
        _ = try sensor.startConversion()
        let error = #expect(throws: SensorError.self) { try sensor.collect() }
        #expect(error?.kind == .empty)
        device.files["w1_slave"] = nil
        _ = try sensor.startConversion()
        let gone = #expect(throws: SensorError.self) { try sensor.collect() }
        #expect(gone?.kind == .notFound)
        #expect(gone?.isRetryable == false)
        device.files["w1_slave"] = .success(Array(Self.text(-84).utf8))
        _ = try sensor.startConversion()
        #expect(try sensor.collect().measurements?.first?.goodValue == -5.25)
    }

    @Test("no error number of the kernel is told as one of the wire")
    func errorNumbers() throws {
        for number in Int32(1)...133 {
            let device = Self.device("")
            device.files["w1_slave"] = InMemorySysfsDevice.failure(linuxErrno: number)
            var sensor = try DS18B20(device, id: Self.id)
            _ = try sensor.startConversion()
            let error = #expect(throws: SensorError.self) { try sensor.collect() }
            #expect(error?.cause?.errno == number)
            #expect(error?.kind != .busError)
        }
    }

    @Test(
        "a whole number is out of range however long it is, up to 18 digits",
        arguments: ["2147483647\n", "-2147483648\n", "999999999999999999\n"])
    func longNumbers(text: String) {
        let error = #expect(throws: SensorError.self) {
            try DS18B20.measurement(fromTemperatureText: Array(text.utf8), family: "28")
        }
        #expect(error?.kind == .outOfRange)
    }

    @Test(
        "an id that is not a thermometer's is refused",
        arguments: [
            "", "28", "28-", "28-0316a279fcf", "28-0316a279fcfff", "28-0316A279FCFF", "00-0316a279fcff",
            "3a-0316a279fcff", "28_0316a279fcff", "../0316a279fcff", "28-0316a279fc/f",
        ])
    func badID(id: String) {
        let error = #expect(throws: SensorError.self) { try DS18B20(Self.device(""), id: id) }
        #expect(error?.kind == .wrongIdentity)
    }
}
