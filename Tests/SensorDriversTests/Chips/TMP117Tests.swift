// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import Testing

@testable import SensorDrivers

@Suite("TMP117")
struct TMP117Tests {
    typealias Step = ScriptedI2CBus.Step

    /// Ids, lock and configuration, and the write that sends the chip to sleep.
    static func setUp(configuration: [UInt8], asleep: [UInt8]) -> [Step] {
        [
            .read([0x0F], from: 0x48, returns: [0x01, 0x17]), .read([0x04], from: 0x48, returns: [0, 0]),
            .read([0x01], from: 0x48, returns: configuration), .write([0x01] + asleep, to: 0x48),
        ]
    }

    private func sensor(on bus: ScriptedI2CBus) throws -> TMP117 {
        try TMP117(I2CDevice(bus: bus, address: 0x48), part: Part(TMP117.name))
    }

    @Test(
        "the codes of the data sheet, table 7-1, and the ends of the range",
        arguments: [
            (0xE480, -55), (0xF380, -25), (0xFFF0, -0.125), (0xFFFF, -0.0078125), (0x0000, 0),
            (0x0001, 0.0078125), (0x0010, 0.125), (0x0080, 1), (0x0C80, 25), (0x3200, 100), (0x4B00, 150),
        ] as [(UInt16, Double)])
    func table(word: UInt16, celsius: Double) throws {
        #expect(try TMP117.measurement(from: word) == Measurement(.temperature, celsius))
    }

    @Test("every word gives its value within −55…150 °C, else an error")
    func everyWord() {
        let wrong = (UInt16.min...UInt16.max).filter { word in
            let steps = Int(word) - (word >= 0x8000 ? 65_536 : 0)
            guard let measurement = try? TMP117.measurement(from: word) else {
                return -7_040...19_200 ~= steps
            }
            return measurement.value != .success(Double(steps) / 128) || !(-7_040...19_200 ~= steps)
        }
        #expect(wrong == [])
        #expect(throws: SensorError.self) { try TMP117.measurement(from: 0x8000) }
        let error = #expect(throws: SensorError.self) { try TMP117.measurement(from: 0x8001) }
        #expect(error?.kind == .outOfRange)
    }

    @Test("a reading costs one write and one read, and the configuration found is put back")
    func transcript() throws {
        let start = Step.write([0x01, 0x0E, 0x20], to: 0x48)
        let steps =
            Self.setUp(configuration: [0xE2, 0x20], asleep: [0x06, 0x20]) + [
                start, .read([0x00], from: 0x48, returns: [0x0C, 0x80]),
                start, .read([0x00], from: 0x48, returns: [0xFF, 0xFF]),
                .write([0x01, 0x02, 0x20], to: 0x48),
            ]
        let (values, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            var values: [Double?] = []
            for _ in 0..<2 {
                #expect(try sensor.startConversion() == .milliseconds(160))
                values.append(try sensor.collect().measurements?.first?.goodValue)
            }
            sensor.restore()
            return values
        }
        #expect(values == [25, -0.0078125])
        #expect(deviations == [])
    }

    @Test(
        "averages, cycle and alert settings stay as found, and the averages decide on the wait",
        arguments: [(0x00, 20), (0x20, 160), (0x40, 640), (0x60, 1_280)] as [(UInt8, Int)])
    func averages(low: UInt8, milliseconds: Int) throws {
        let settings = low | 0x9C
        let steps =
            Self.setUp(configuration: [0x03, settings], asleep: [0x07, settings])
            + [.write([0x01, 0x0F, settings], to: 0x48), .write([0x01, 0x03, settings], to: 0x48)]
        let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            #expect(try sensor.startConversion() == .milliseconds(milliseconds))
            sensor.restore()
        }
        #expect(deviations == [])
    }

    @Test("while the EEPROM is unlocked nothing is written, and the error says what to do")
    func unlocked() {
        let steps: [Step] = [
            .read([0x0F], from: 0x48, returns: [0x01, 0x17]),
            .read([0x04], from: 0x48, returns: [0x80, 0x00]),
        ]
        let (error, deviations) = ScriptedI2CBus.run(steps) { bus in
            #expect(throws: SensorError.self) { try sensor(on: bus) }
        }
        #expect(error?.kind == .sensorFault)
        #expect(error?.detail.hasSuffix("switch its power off and on") == true)
        #expect(deviations == [])
    }

    @Test("a TMP116, which has another id, is refused before anything is written")
    func otherChip() {
        let (error, deviations) = ScriptedI2CBus.run([
            .read([0x0F], from: 0x48, returns: [0x11, 0x16])
        ]) { bus in
            #expect(throws: SensorError.self) { try sensor(on: bus) }
        }
        #expect(error?.kind == .wrongIdentity)
        #expect(deviations == [])
    }

    @Test("a power cut during the conversion is seen and never read as −256 °C")
    func powerCut() throws {
        let bench = ChipBench(model: TMP117Model.self, address: 0x48, ambient: Ambient(celsius: 22))
        var sensor: any I2CSensorDriver = try TMP117(bench.device, part: Part(TMP117.name))
        let duration = try sensor.startConversion()
        bench.wait(duration - .milliseconds(40))
        bench.wires.attach(
            TMP117Model(ambient: Ambient(celsius: 22), poweredAt: bench.wires.now), at: 0x48)
        bench.wait(.milliseconds(40))
        let error = #expect(throws: SensorError.self) { try sensor.collect() }
        #expect(error?.kind == .notReady)
        #expect(error?.isRetryable == true)
        #expect(try bench.read(&sensor).value(of: .temperature) == 22)
    }

    @Test(
        "any configuration that the chip can have is put back, a one-shot conversion as the sleep it ends in",
        arguments: [
            (0x0220, 0x0220), (0x0620, 0x0620), (0x0BFC, 0x03FC), (0x0C00, 0x0400), (0x0000, 0x0000),
        ] as [(UInt16, UInt16)])
    func restores(written: UInt16, restored: UInt16) throws {
        let bench = ChipBench(model: TMP117Model.self, address: 0x4B)
        try bench.device.writeWord(written, to: 1)
        var sensor: any I2CSensorDriver = try TMP117(bench.device, part: Part(TMP117.name))
        _ = try bench.read(&sensor)
        #expect(settings(on: bench)?.first.map { $0 & 0x0C00 } == 0x0400)
        sensor.restore()
        #expect(settings(on: bench) == [restored, 0x6000, 0x8000, 0, 0])
    }

    private func settings(on bench: ChipBench) -> [UInt16]? {
        bench.wires.withModel(TMP117Model.self, at: bench.address) { model, _ in model.settings }
    }

    @Test("codes over the whole range come back as their temperature")
    func roundTrip() throws {
        let bench = ChipBench(model: TMP117Model.self, address: 0x48)
        var sensor: any I2CSensorDriver = try TMP117(bench.device, part: Part(TMP117.name))
        let wrong = try stride(from: -7_040, through: 19_200, by: 41).filter { code in
            bench.setTemperature(Double(code) / 128)
            return try bench.read(&sensor).value(of: .temperature) != Double(code) / 128
        }
        #expect(wrong == [])
    }
}
