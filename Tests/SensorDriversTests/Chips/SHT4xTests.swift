// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import Testing

@testable import SensorDrivers

@Suite("SHT4x")
struct SHT4xTests {
    typealias Step = ScriptedI2CBus.Step

    static let serial: [UInt8] = [0xFB, 0xBE, 0x23, 0x99, 0x91, 0x07]
    static let open: [Step] = [.write([0x89], to: 0x44), .read([], from: 0x44, returns: serial)]
    static let start = Step.write([0xFD], to: 0x44)
    /// 25 °C and 56.5 %.
    static let frame: [UInt8] = [0x66, 0x66, 0x93, 0x80, 0x00, 0xA2]
    static let fetch = Step.read([], from: 0x44, returns: frame)

    private func sensor(on bus: any I2CBus) throws(SensorError) -> SHT4x {
        try SHT4x(I2CDevice(bus: bus, address: 0x44), part: Part(SHT4x.name))
    }

    @Test("a reading costs one write and one bare read, and nothing is left to put back")
    func transcript() throws {
        let (_, deviations) = try ScriptedI2CBus.run(Self.open + [Self.start, Self.fetch]) { bus in
            var sensor = try sensor(on: bus)
            let reading = try WholeReading(of: &sensor)
            #expect(reading.waits == [.milliseconds(10)])
            #expect(reading.value(of: .temperature) == 25)
            #expect(abs(try #require(reading.value(of: .relativeHumidity)) - 56.501) < 0.001)
            sensor.restore()
        }
        #expect(deviations == [])
    }

    @Test("the serial number may take its time, and an SHT3x that never gives one is told apart")
    func serialNumber() throws {
        let early = Self.open[1].failing(.noAcknowledge)
        let steps = [Self.open[0]] + [Step](repeating: early, count: 40) + [Self.open[1]]
        let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in _ = try sensor(on: bus) }
        #expect(deviations == [])

        let other = ChipBench(model: SHT3xModel.self, address: 0x44)
        let error = #expect(throws: SensorError.self) { try sensor(on: other.bus) }
        #expect(error?.kind == .notFound)
        #expect(error?.description.contains("SHT3x") == true)
    }

    @Test("a serial number with a wrong checksum is no SHT4x", arguments: 0..<48)
    func badSerial(bit: Int) {
        let bus = RecordedI2CBus(.frame(flipped(Self.serial, bit: bit)))
        let error = #expect(throws: SensorError.self) { try sensor(on: bus) }
        #expect(error?.kind == .crcMismatch)
    }

    @Test("any flipped bit fails the checksum, and neither word is given", arguments: 0..<48)
    func checksum(bit: Int) {
        let error = #expect(throws: SensorError.self) {
            try SHT4x.measurements(from: flipped(Self.frame, bit: bit))
        }
        #expect(error?.kind == .crcMismatch)
    }

    @Test("frames that only a dead bus gives fail the checksum", arguments: [0x00, 0xFF] as [UInt8])
    func deadBus(byte: UInt8) {
        let error = #expect(throws: SensorError.self) {
            try SHT4x.measurements(from: [UInt8](repeating: byte, count: 6))
        }
        #expect(error?.kind == .crcMismatch)
    }

    @Test(
        "the humidity follows its own formula and is limited to 0…100 %, with a flag only where it was",
        arguments: [
            (0x0000, 0, true), (0x03E8, 0, true), (0x0C49, 0, true), (0x0C4A, 0.00061, false),
            (0xD916, 100, true), (0xFFFF, 100, true), (0x8000, 56.500954, false),
        ] as [(UInt16, Double, Bool)])
    func humidity(code: UInt16, percent: Double, isClamped: Bool) throws {
        let bytes = [UInt8(code >> 8), UInt8(code & 0xFF)]
        let measurements = try SHT4x.measurements(
            from: [0x66, 0x66, 0x93] + bytes + [CRC8.sensirion(bytes)])
        #expect(abs(try #require(measurements.value(of: .relativeHumidity)) - percent) < 0.001)
        #expect(measurements[1].flags == (isClamped ? [.humidityClamped] : []))
    }

    @Test("a busy chip is asked again every 2 ms, and given up after five times")
    func busy() throws {
        let busy = Self.fetch.failing(.noAcknowledge)
        let steps =
            Self.open + [Self.start, busy, Self.fetch, Self.start] + [Step](repeating: busy, count: 6)
        let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            #expect(try WholeReading(of: &sensor).waits == [.milliseconds(10), .milliseconds(2)])
            let error = #expect(throws: SensorError.self) { try WholeReading(of: &sensor) }
            #expect(error?.kind == .notReady)
            #expect(error?.cause?.kind == .noAcknowledge)
        }
        #expect(deviations == [])
    }

    @Test("a chip that is reset during the conversion gives nothing, and the next reading is a new one")
    func powerCut() throws {
        let bench = ChipBench(model: SHT4xModel.self, address: 0x46)
        var sensor: any I2CSensorDriver = try SHT4x(bench.device, part: Part(SHT4x.name))
        bench.wait(try sensor.startConversion())
        bench.wires.attach(
            SHT4xModel(ambient: Ambient(celsius: 5), poweredAt: bench.wires.now), at: 0x46)
        let error = #expect(throws: SensorError.self) {
            while case .wait(let duration) = try sensor.collect() { bench.wait(duration) }
        }
        #expect(error?.kind == .notReady)
        #expect(try bench.gives(5, &sensor))
    }

    @Test("a chip that heats is not read before it has ended")
    func heating() throws {
        let bench = ChipBench(model: SHT4xModel.self, address: 0x44)
        var sensor: any I2CSensorDriver = try SHT4x(bench.device, part: Part(SHT4x.name))
        try bench.device.write([0x39])
        #expect(throws: SensorError.self) { try sensor.startConversion() }
        bench.wait(.milliseconds(1100))
        #expect(try bench.gives(20, &sensor))
    }
}
