// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import Testing

@testable import SensorDrivers

@Suite("SHT3x")
struct SHT3xTests {
    typealias Step = ScriptedI2CBus.Step

    static let open: [Step] = [
        .write([0xF3, 0x2D], to: 0x44), .read([], from: 0x44, returns: [0x80, 0x10, 0xE1]),
    ]
    static let start = Step.write([0x24, 0x00], to: 0x44)
    /// 25 °C and 50 %, both words with their checksums.
    static let frame: [UInt8] = [0x66, 0x66, 0x93, 0x80, 0x00, 0xA2]
    static let fetch = Step.read([], from: 0x44, returns: frame)

    private func sensor(on bus: any I2CBus) throws(SensorError) -> SHT3x {
        try SHT3x(I2CDevice(bus: bus, address: 0x44), part: Part(SHT3x.name))
    }

    @Test("a reading costs one write and one bare read, and nothing is left to put back")
    func transcript() throws {
        let example = Step.read([], from: 0x44, returns: [0xBE, 0xEF, 0x92, 0xBE, 0xEF, 0x92])
        let steps = Self.open + [Self.start, Self.fetch, Self.start, example]
        let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            let first = try WholeReading(of: &sensor)
            #expect(first.waits == [.milliseconds(16)])
            #expect(first.value(of: .temperature) == 25)
            #expect(abs(try #require(first.value(of: .relativeHumidity)) - 50) < 0.001)
            let second = try WholeReading(of: &sensor)
            #expect(abs(try #require(second.value(of: .temperature)) - 85.523) < 0.001)
            #expect(abs(try #require(second.value(of: .relativeHumidity)) - 74.585) < 0.001)
            sensor.restore()
        }
        #expect(deviations == [])
    }

    @Test("any flipped bit fails the checksum, and neither word is given", arguments: 0..<48)
    func checksum(bit: Int) {
        let error = #expect(throws: SensorError.self) {
            try SHT3x.measurements(from: flipped(Self.frame, bit: bit))
        }
        #expect(error?.kind == .crcMismatch)
    }

    @Test("a busy chip is asked again every 2 ms, and given up after eight times")
    func busy() throws {
        let busy = Self.fetch.failing(.noAcknowledge)
        let (reading, deviations) = try ScriptedI2CBus.run(
            Self.open + [Self.start, busy, busy, Self.fetch]
        ) { bus in
            var sensor = try sensor(on: bus)
            return try WholeReading(of: &sensor)
        }
        #expect(reading.waits == [.milliseconds(16), .milliseconds(2), .milliseconds(2)])
        #expect(reading.value(of: .temperature) == 25)
        #expect(deviations == [])

        let forEver = Self.open + [Self.start] + [Step](repeating: busy, count: 9)
        let (error, left) = try ScriptedI2CBus.run(forEver) { bus in
            var sensor = try sensor(on: bus)
            return #expect(throws: SensorError.self) { try WholeReading(of: &sensor) }
        }
        #expect(error?.kind == .notReady)
        #expect(error?.cause?.kind == .noAcknowledge)
        #expect(left == [])
    }

    @Test("a chip whose heater is on is refused, with what to do about it")
    func heater() throws {
        let bench = ChipBench(model: SHT3xModel.self, address: 0x44)
        try bench.device.write([0x30, 0x6D])
        let error = #expect(throws: SensorError.self) { try sensor(on: bench.bus) }
        #expect(error?.kind == .sensorFault)
        #expect(error?.description.contains("take the chip's power away") == true)
        try bench.device.write([0x30, 0x66])
        #expect(throws: Never.self) { try sensor(on: bench.bus) }
    }

    @Test("a chip in periodic mode is taken out of it and then read")
    func periodic() throws {
        let bench = ChipBench(model: SHT3xModel.self, address: 0x44, ambient: Ambient(celsius: 18))
        try bench.device.write([0x27, 0x37])
        bench.wait(.seconds(3))
        var sensor: any I2CSensorDriver = try sensor(on: bench.bus)
        bench.setTemperature(-3)
        #expect(try bench.gives(-3, &sensor))
        #expect(try bench.gives(-3, &sensor))

        let refused = Self.start.failing(.noAcknowledge)
        let steps = Self.open + [refused, .write([0x30, 0x93], to: 0x44), Self.start, Self.fetch]
        let (reading, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try self.sensor(on: bus)
            return try WholeReading(of: &sensor)
        }
        #expect(reading.waits == [.milliseconds(1), .milliseconds(16)])
        #expect(deviations == [])

        let gone = Self.open + [refused, Step.write([0x30, 0x93], to: 0x44).failing(.noAcknowledge)]
        let (error, left) = try ScriptedI2CBus.run(gone) { bus in
            var sensor = try self.sensor(on: bus)
            return #expect(throws: SensorError.self) { try sensor.startConversion() }
        }
        #expect(error?.kind == .notFound)
        #expect(error?.description.contains("starting a conversion") == true)
        #expect(left == [])
    }

    @Test("another chip at the address is told by its missing or bad status")
    func identity() {
        let other = ChipBench(model: SHT4xModel.self, address: 0x44)
        let absent = #expect(throws: SensorError.self) { try sensor(on: other.bus) }
        #expect(absent?.kind == .notFound)
        #expect(absent?.description.contains("SHT4x") == true)
        for (bytes, kind) in [
            ([0x80, 0x10, 0xE0], SensorErrorKind.crcMismatch), ([0, 0, 0], .crcMismatch),
            ([0xFF, 0xFF, 0xFF], .busError),
        ] as [([UInt8], SensorErrorKind)] {
            let bus = RecordedI2CBus(.frame(bytes))
            let error = #expect(throws: SensorError.self) { try sensor(on: bus) }
            #expect(error?.kind == kind)
        }
    }

    @Test("a chip that is reset during the conversion gives nothing, and the next reading is a new one")
    func powerCut() throws {
        let bench = ChipBench(model: SHT3xModel.self, address: 0x45)
        var sensor: any I2CSensorDriver = try SHT3x(bench.device, part: Part(SHT3x.name))
        bench.wait(try sensor.startConversion())
        bench.wires.attach(
            SHT3xModel(ambient: Ambient(celsius: 5), poweredAt: bench.wires.now), at: 0x45)
        let error = #expect(throws: SensorError.self) {
            while case .wait(let duration) = try sensor.collect() { bench.wait(duration) }
        }
        #expect(error?.kind == .notReady)
        #expect(try bench.gives(5, &sensor))
    }

    @Test("every temperature code follows the data sheet, and those outside −40…125 °C give nothing")
    func everyCode() {
        var accepted = 0
        let wrong = (UInt16.min...UInt16.max).filter { code in
            let bytes = [UInt8(code >> 8), UInt8(code & 0xFF)]
            let frame = bytes + [CRC8.sensirion(bytes), 0x80, 0x00, 0xA2]
            let celsius = Double(Int(code) * 175 - 45 * 65535) / 65535
            guard let value = (try? SHT3x.measurements(from: frame))?.value(of: .temperature) else {
                return -40...125 ~= celsius
            }
            accepted += 1
            return abs(value - celsius) > 1e-9 || !(-40...125 ~= value)
        }
        #expect(wrong == [])
        #expect(accepted == 61790)
    }

    @Test("an adapter that speaks SMBus only is told apart from a broken chip")
    func smbusOnly() throws {
        let bench = ChipBench(model: SHT3xModel.self, address: 0x44)
        let error = #expect(throws: SensorError.self) { try sensor(on: SMBusOnlyI2CBus(bench.bus)) }
        #expect(error?.cause?.kind == .unsupported)
        #expect(error?.description.contains("plain I2C transfers") == true)
    }
}
