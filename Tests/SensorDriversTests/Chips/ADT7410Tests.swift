// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import Testing

@testable import SensorDrivers

@Suite("ADT7410")
struct ADT7410Tests {
    typealias Step = ScriptedI2CBus.Step

    static func setUp(found: UInt8, asleep: UInt8, taken: UInt8) -> [Step] {
        [
            .read([0x0B], from: 0x48, returns: [0xCB]), .read([0x03], from: 0x48, returns: [found]),
            .write([0x03, asleep], to: 0x48), .read([0x03], from: 0x48, returns: [taken]),
        ]
    }
    static let ordinary = setUp(found: 0x00, asleep: 0xE0, taken: 0xE0)
    static let start = Step.write([0x03, 0xA0], to: 0x48)
    static let ready = Step.read([0x02], from: 0x48, returns: [0x00])
    static let busy = Step.read([0x02], from: 0x48, returns: [0x80])

    private func sensor(on bus: ScriptedI2CBus) throws -> ADT7410 {
        try ADT7410(I2CDevice(bus: bus, address: 0x48), part: Part(ADT7410.name))
    }

    @Test(
        "the codes of the data sheet, table 5, are the same temperature in both formats",
        arguments: [
            (0xE480, -55), (0xE700, -50), (0xF380, -25), (0xFFF8, -0.0625), (0x0000, 0), (0x0008, 0.0625),
            (0x0C80, 25), (0x1900, 50), (0x3E80, 125), (0x4B00, 150),
        ] as [(UInt16, Double)])
    func table(word: UInt16, celsius: Double) throws {
        let expected = Measurement(.temperature, celsius)
        #expect(try ADT7410.measurement(from: word, isWide: true) == expected)
        #expect(try ADT7410.measurement(from: word, isWide: false) == expected)
        #expect(try ADT7410.measurement(from: word | 0b111, isWide: false) == expected)
    }

    @Test("every word gives its value within −55…150 °C, else an error", arguments: [false, true])
    func everyWord(isWide: Bool) {
        let wrong = (UInt16.min...UInt16.max).filter { word in
            let kept = Int(isWide ? word : word / 8 * 8)
            let steps = kept - (word >= 0x8000 ? 65_536 : 0)
            guard let measurement = try? ADT7410.measurement(from: word, isWide: isWide) else {
                return -7_040...19_200 ~= steps
            }
            return measurement != Measurement(.temperature, Double(steps) / 128)
                || !(-7_040...19_200 ~= steps)
        }
        #expect(wrong == [])
    }

    @Test("a reading starts, asks and fetches, and the configuration found is put back")
    func transcript() throws {
        let steps =
            Self.setUp(found: 0x1F, asleep: 0xFF, taken: 0xFF) + [
                .write([0x03, 0xBF], to: 0x48), Self.ready, .read([0x00], from: 0x48, returns: [0x0A, 0xC1]),
                .write([0x03, 0xBF], to: 0x48), .read([0x02], from: 0x48, returns: [0x70]),
                .read([0x00], from: 0x48, returns: [0xFF, 0xFF]),
                .write([0x03, 0x1F], to: 0x48),
            ]
        let (values, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            var values: [Double?] = []
            for _ in 0..<2 {
                #expect(try sensor.startConversion() == .milliseconds(260))
                values.append(try sensor.collect().measurements?.first?.goodValue)
            }
            sensor.restore()
            return values
        }
        #expect(values == [21.5078125, -0.0078125])
        #expect(deviations == [])
    }

    @Test(
        "a slow conversion is waited for, but not for ever, and its result is fetched only when it is there")
    func busyIsPolled() throws {
        let slow = [Self.start, Self.busy, Self.busy, Self.ready]
        let steps =
            Self.ordinary + slow + [.read([0x00], from: 0x48, returns: [0x0C, 0x80]), Self.start]
            + [Step](repeating: Self.busy, count: 10)
        let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            _ = try sensor.startConversion()
            #expect(try sensor.collect() == .wait(.milliseconds(20)))
            #expect(try sensor.collect() == .wait(.milliseconds(20)))
            #expect(try sensor.collect().measurements?.first?.goodValue == 25)
            _ = try sensor.startConversion()
            for _ in 0..<9 { #expect(try sensor.collect() == .wait(.milliseconds(20))) }
            let error = #expect(throws: SensorError.self) { try sensor.collect() }
            #expect(error?.kind == .notReady)
            #expect(throws: SensorError.self) { try sensor.collect() }
        }
        #expect(deviations == [])
    }

    @Test("a chip that does not take the format of 16 bits is read in its own")
    func narrow() throws {
        let steps =
            Self.setUp(found: 0x00, asleep: 0xE0, taken: 0x60) + [
                Self.start, Self.ready, .read([0x00], from: 0x48, returns: [0x0C, 0x87]),
            ]
        let (value, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            _ = try sensor.startConversion()
            return try sensor.collect().measurements?.first?.goodValue
        }
        #expect(value == 25)
        #expect(deviations == [])
    }

    @Test("0 °C is believed only while the chip is still configured as it was")
    func zeroIsChecked() throws {
        let zero = Step.read([0x00], from: 0x48, returns: [0, 0])
        let steps =
            Self.ordinary + [
                Self.start, Self.ready, zero, .read([0x03], from: 0x48, returns: [0xA0]),
                Self.start, Self.ready, zero, .read([0x03], from: 0x48, returns: [0x00]),
            ]
        let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            _ = try sensor.startConversion()
            #expect(try sensor.collect().measurements?.first?.goodValue == 0)
            _ = try sensor.startConversion()
            let error = #expect(throws: SensorError.self) { try sensor.collect() }
            #expect(error?.kind == .powerOnValue)
        }
        #expect(deviations == [])
    }

    @Test("a status with bits that are always 0 is an error of the bus, and nothing is fetched")
    func impossibleStatus() throws {
        let steps = Self.ordinary + [Self.start, .read([0x02], from: 0x48, returns: [0x7F])]
        let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            _ = try sensor.startConversion()
            let error = #expect(throws: SensorError.self) { try sensor.collect() }
            #expect(error?.kind == .busError)
        }
        #expect(deviations == [])
    }

    @Test("only ids of the family are accepted, whatever their revision")
    func everyIdentity() {
        let accepted = (UInt8.min...UInt8.max).filter { id in
            let bus = RecordedI2CBus(.registers([0x0B: [id], 0x03: [0xE0], 0x02: [0], 0x00: [0x0C, 0x80]]))
            return (try? ADT7410(I2CDevice(bus: bus, address: 0x48), part: Part("adt7420"))) != nil
        }
        #expect(accepted == Array(0xC8...0xCF))
    }

    @Test("a power cut during the conversion gives no value of a chip that has not converted")
    func powerCut() throws {
        let bench = ChipBench(model: ADT7410Model.self, address: 0x48, ambient: Ambient(celsius: 22))
        var sensor: any I2CSensorDriver = try ADT7410(bench.device, part: Part(ADT7410.name))
        bench.wait(try sensor.startConversion())
        _ = bench.wires.withModel(ADT7410Model.self, at: 0x48) { $0.resetPower(at: $1) }
        #expect(try sensor.collect() == .wait(.milliseconds(20)))
        bench.wait(.milliseconds(20))
        #expect(try sensor.collect().measurements?.value(of: .temperature) == 22)
        #expect(try bench.read(&sensor).value(of: .temperature) == 22)
        #expect(settings(on: bench)?.first == 0xA0)
    }

    @Test(
        "any configuration that the chip can have is put back, and between readings the chip does not convert",
        arguments: [0x00, 0x20, 0x40, 0x60, 0x9F, 0xFF] as [UInt8])
    func restores(configuration: UInt8) throws {
        let bench = ChipBench(model: ADT7410Model.self, address: 0x4B)
        try bench.device.write([0x03, configuration])
        let found = settings(on: bench)
        var sensor: any I2CSensorDriver = try ADT7410(bench.device, part: Part(ADT7410.name))
        _ = try bench.read(&sensor)
        bench.setTemperature(50)
        bench.wait(.seconds(60))
        #expect(try bench.device.readWord(from: 0) == 0x0A00)
        sensor.restore()
        #expect(found?.first == UInt16(configuration))
        #expect(settings(on: bench) == found)
    }

    private func settings(on bench: ChipBench) -> [UInt16]? {
        bench.wires.withModel(ADT7410Model.self, at: bench.address) { model, _ in model.settings }
    }

    @Test("codes over the whole range come back as their temperature")
    func roundTrip() throws {
        let bench = ChipBench(model: ADT7410Model.self, address: 0x48)
        var sensor: any I2CSensorDriver = try ADT7410(bench.device, part: Part(ADT7410.name))
        let wrong = try stride(from: -7_040, through: 19_200, by: 41).filter { code in
            bench.setTemperature(Double(code) / 128)
            return try bench.read(&sensor).value(of: .temperature) != Double(code) / 128
        }
        #expect(wrong == [])
    }
}
