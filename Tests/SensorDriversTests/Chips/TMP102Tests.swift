// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import Testing

@testable import SensorDrivers

@Suite("TMP102")
struct TMP102Tests {
    typealias Step = ScriptedI2CBus.Step

    static let setUp: [Step] = [
        .read([0x01], from: 0x48, returns: [0x60, 0xA0]),
        .write([0x01, 0x61, 0xA0], to: 0x48),
        .read([0x01], from: 0x48, returns: [0xE1, 0xA0]),
    ]
    static let start = Step.write([0x01, 0xE1, 0xA0], to: 0x48)

    private func sensor(on bus: ScriptedI2CBus) throws -> TMP102 {
        try TMP102(I2CDevice(bus: bus, address: 0x48), part: Part(TMP102.name))
    }

    @Test("a reading costs one write and one read, and the configuration found is put back")
    func transcript() throws {
        let steps =
            Self.setUp + [
                Self.start, .read([0x00], from: 0x48, returns: [0x15, 0x80]),
                Self.start, .read([0x00], from: 0x48, returns: [0xFA, 0xC0]),
                .write([0x01, 0x60, 0xA0], to: 0x48),
            ]
        let (values, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            var values: [Double?] = []
            for _ in 0..<2 {
                #expect(try sensor.startConversion() == .milliseconds(35))
                values.append(try sensor.collect().measurements?.first?.goodValue)
            }
            sensor.restore()
            return values
        }
        #expect(values == [21.5, -5.25])
        #expect(deviations == [])
    }

    @Test("0 °C is believed only while the chip is still asleep as it was told")
    func zeroIsChecked() throws {
        let zero = Step.read([0x00], from: 0x48, returns: [0, 0])
        let asleep = Step.read([0x01], from: 0x48, returns: [0xE1, 0xA0])
        let awake = Step.read([0x01], from: 0x48, returns: [0x60, 0xA0])
        let (value, deviations) = try ScriptedI2CBus.run(
            Self.setUp + [Self.start, zero, asleep, Self.start, zero, awake]
        ) { bus in
            var sensor = try sensor(on: bus)
            _ = try sensor.startConversion()
            let value = try sensor.collect().measurements?.first?.goodValue
            _ = try sensor.startConversion()
            let error = #expect(throws: SensorError.self) { try sensor.collect() }
            #expect(error?.kind == .powerOnValue)
            return value
        }
        #expect(value == 0)
        #expect(deviations == [])
    }

    @Test("a chip that stays awake is read as it runs, after its own period")
    func awakeChip() throws {
        let steps: [Step] = [
            .read([0x01], from: 0x49, returns: [0x60, 0x60]), .write([0x01, 0x61, 0x60], to: 0x49),
            .read([0x01], from: 0x49, returns: [0x60, 0x60]),
            .read([0x00], from: 0x49, returns: [0x19, 0x00]),
        ]
        let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try TMP102(I2CDevice(bus: bus, address: 0x49), part: Part(TMP102.name))
            #expect(try sensor.startConversion() == .milliseconds(1035))
            #expect(try sensor.collect().measurements?.first?.goodValue == 25)
        }
        #expect(deviations == [])
    }

    @Test("nothing is collected that was not started, and nothing twice")
    func nothingStale() throws {
        let steps = Self.setUp + [Self.start, .read([0x00], from: 0x48, returns: [0x19, 0])]
        let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            #expect(throws: SensorError.self) { try sensor.collect() }
            _ = try sensor.startConversion()
            _ = try sensor.collect()
            let error = #expect(throws: SensorError.self) { try sensor.collect() }
            #expect(error?.kind == .notMeasured)
        }
        #expect(deviations == [])
    }

    @Test("no word gives a value outside the range, and each value follows the data sheet")
    func everyWord() {
        let wrong = (UInt16.min...UInt16.max).filter { word in
            guard let measurement = try? TMP102.measurement(from: word) else { return false }
            let isExtended = word & 1 != 0
            let divisor = isExtended ? 8 : 16
            // Division truncates and a shift floors: the format's bits must be zero for both to agree.
            let steps = (Int(Int16(bitPattern: word)) - (isExtended ? 1 : 0)) / divisor
            let value = Double(steps) / 16
            return measurement.value != .success(value) || !(-55...150 ~= value)
        }
        #expect(wrong == [])
        #expect(
            (UInt16.min...UInt16.max).filter { (try? TMP102.measurement(from: $0)) != nil }.count == 2928
                + 3281)
    }

    @Test("any configuration is taken for a TMP102 exactly where its constant bits fit")
    func everyConfiguration() {
        let wrong = (UInt16.min...UInt16.max).filter { word in
            let bus = RecordedI2CBus(.registers([0: [0x19, 0], 1: [UInt8(word >> 8), UInt8(word & 0xFF)]]))
            guard var sensor = try? TMP102(I2CDevice(bus: bus, address: 0x48), part: Part(TMP102.name)) else {
                return word & 0x600F == 0x6000
            }
            let isChip = word & 0x600F == 0x6000
            return !isChip || (try? sensor.startConversion()) == nil
                || (try? sensor.collect())?.measurements?.first?.goodValue != 25
        }
        #expect(wrong == [])
    }
}
