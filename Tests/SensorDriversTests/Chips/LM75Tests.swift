// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import Testing

@testable import SensorDrivers

@Suite("LM75")
struct LM75Tests {
    typealias Step = ScriptedI2CBus.Step

    /// Both limits, the ids of other chips, the configuration.
    static func setUp(configuration: UInt8) -> [Step] {
        [
            .read([0x02], from: 0x48, returns: [0x4B, 0x00]),
            .read([0x03], from: 0x48, returns: [0x50, 0x00]),
            .read([0x0F], from: 0x48, returns: [0x50, 0x00]), .read([0x0B], from: 0x48, returns: [0x50]),
            .read([0x01], from: 0x48, returns: [configuration]),
        ]
    }

    private func sensor(_ name: String = LM75.name, on bus: ScriptedI2CBus) throws -> LM75 {
        try LM75(I2CDevice(bus: bus, address: 0x48), part: Part(name))
    }

    @Test(
        "the codes of the data sheets",
        arguments: [
            (9, 0x7D00, 125), (9, 0x1900, 25), (9, 0x0080, 0.5), (9, 0xFF80, -0.5), (9, 0xC900, -55),
            (11, 0x7F00, 127), (11, 0x7EE0, 126.875), (11, 0x0020, 0.125), (11, 0xFFE0, -0.125),
            (11, 0xC920, -54.875), (12, 0x6400, 100), (12, 0x0040, 0.25), (12, 0xFFC0, -0.25),
            (12, 0xE700, -25),
        ] as [(Int, UInt16, Double)])
    func tables(bits: Int, word: UInt16, celsius: Double) throws {
        #expect(try LM75.measurement(from: word, bits: bits) == Measurement(.temperature, celsius))
    }

    @Test(
        "every word gives its value in the range, the highest code as suspect, else an error",
        arguments: 9...12)
    func everyWord(bits: Int) {
        let discarded = UInt16(1) << UInt16(16 - bits) - 1
        let highest = 128 - 256 / Double(1 << bits)
        let wrong = (UInt16.min...UInt16.max).filter { word in
            let kept = Int(word & ~discarded)
            let celsius = Double(kept - (kept >= 0x8000 ? 65_536 : 0)) / 256
            let isLegal = celsius >= -55 && (bits == 9 || word & discarded == 0)
            guard let measurement = try? LM75.measurement(from: word, bits: bits) else { return isLegal }
            let isHighest = celsius == highest
            return !isLegal || measurement.value != .success(celsius)
                || (measurement.quality == .suspect(.saturated)) != isHighest
                || measurement.flags.contains(.saturated) != isHighest
        }
        #expect(wrong == [])
    }

    @Test("an LM75 is read as it runs, by one read after two conversions, and nothing is ever written")
    func transcriptOfLM75() throws {
        let steps =
            Self.setUp(configuration: 0x06) + [
                .read([0x00], from: 0x48, returns: [0x19, 0x2F]),
                .read([0x00], from: 0x48, returns: [0xE7, 0x00]),
            ]
        let (values, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            var values: [Double?] = []
            for _ in 0..<2 {
                #expect(try sensor.startConversion() == .milliseconds(600))
                values.append(try sensor.collect().measurements?.first?.goodValue)
            }
            sensor.restore()
            return values
        }
        #expect(values == [25, -25])
        #expect(deviations == [])
    }

    @Test("a TMP75 converts when told, with twelve bits, and its configuration is put back")
    func transcriptOfTMP75() throws {
        let start = Step.write([0x01, 0xF7], to: 0x48)
        let steps =
            Self.setUp(configuration: 0x96) + [
                .write([0x01, 0x77], to: 0x48), .read([0x01], from: 0x48, returns: [0x77]),
                start, .read([0x00], from: 0x48, returns: [0x19, 0x10]),
                start, .read([0x00], from: 0x48, returns: [0xFF, 0xC0]),
                .write([0x01, 0x16], to: 0x48),
            ]
        let (values, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor("tmp75", on: bus)
            var values: [Double?] = []
            for _ in 0..<2 {
                #expect(try sensor.startConversion() == .milliseconds(300))
                values.append(try sensor.collect().measurements?.first?.goodValue)
            }
            sensor.restore()
            return values
        }
        #expect(values == [25.0625, -0.25])
        #expect(deviations == [])
    }

    @Test("a PCT2075 is given the time that it was told to rest")
    func idleTime() throws {
        for (tenths, wait) in [(0, 220), (1, 220), (31, 31 * 220)] as [(UInt8, Int)] {
            let steps = Self.setUp(configuration: 0) + [.read([0x04], from: 0x48, returns: [tenths])]
            let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
                var sensor = try sensor("pct2075", on: bus)
                #expect(try sensor.startConversion() == .milliseconds(wait))
            }
            #expect(deviations == [])
        }
    }

    @Test("0 °C is believed after a second look where the chip runs, and where it sleeps as it was told")
    func zeroIsChecked() throws {
        let zero = Step.read([0x00], from: 0x48, returns: [0, 0x00])
        let running = Self.setUp(configuration: 0) + [zero, zero]
        let (_, deviations) = try ScriptedI2CBus.run(running) { bus in
            var sensor = try sensor(on: bus)
            _ = try sensor.startConversion()
            #expect(try sensor.collect() == .wait(.milliseconds(300)))
            #expect(try sensor.collect().measurements?.first?.goodValue == 0)
            #expect(throws: SensorError.self) { try sensor.collect() }
        }
        #expect(deviations == [])

        let start = Step.write([0x01, 0xE1], to: 0x48)
        let sleeping =
            Self.setUp(configuration: 0x61) + [
                start, zero, .read([0x01], from: 0x48, returns: [0x61]),
                start, zero, .read([0x01], from: 0x48, returns: [0x00]),
            ]
        let (_, others) = try ScriptedI2CBus.run(sleeping) { bus in
            var sensor = try sensor("tmp105", on: bus)
            _ = try sensor.startConversion()
            #expect(try sensor.collect().measurements?.first?.goodValue == 0)
            _ = try sensor.startConversion()
            let error = #expect(throws: SensorError.self) { try sensor.collect() }
            #expect(error?.kind == .powerOnValue)
        }
        #expect(others == [])
    }

    @Test("all ones are −0.5 °C of a part with undefined bits only where the configuration can be read")
    func allOnes() throws {
        let ones = Step.read([0x00], from: 0x48, returns: [0xFF, 0xFF])
        let steps =
            Self.setUp(configuration: 0) + [
                ones, .read([0x01], from: 0x48, returns: [0x00]),
                ones, .read([0x01], from: 0x48, returns: [0xFF]),
            ]
        let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            _ = try sensor.startConversion()
            #expect(try sensor.collect().measurements?.first?.goodValue == -0.5)
            _ = try sensor.startConversion()
            let error = #expect(throws: SensorError.self) { try sensor.collect() }
            #expect(error?.kind == .busError)
        }
        #expect(deviations == [])
    }
}
