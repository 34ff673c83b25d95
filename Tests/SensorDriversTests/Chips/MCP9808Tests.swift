// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import Testing

@testable import SensorDrivers

@Suite("MCP9808")
struct MCP9808Tests {
    typealias Step = ScriptedI2CBus.Step

    static func setUp(configuration: [UInt8] = [0, 0], resolution: UInt8 = 3) -> [Step] {
        [
            .read([0x06], from: 0x18, returns: [0x00, 0x54]),
            .read([0x07], from: 0x18, returns: [0x04, 0x00]),
            .read([0x01], from: 0x18, returns: configuration),
            .read([0x08], from: 0x18, returns: [resolution]),
        ]
    }

    private func sensor(on bus: ScriptedI2CBus) throws -> MCP9808 {
        try MCP9808(I2CDevice(bus: bus, address: 0x18), part: Part(MCP9808.name))
    }

    @Test(
        "codes with and without flags of the limits",
        arguments: [
            (0xC190, 25), (0x0190, 25), (0x0000, 0), (0x07D0, 125), (0x1FFF, -0.0625), (0x0001, 0.0625),
            (0x1E70, -25), (0x1D80, -40), (0x3FDB, -2.3125), (0xFE47, -27.5625),
        ] as [(UInt16, Double)])
    func codes(word: UInt16, celsius: Double) throws {
        #expect(try MCP9808.measurement(from: word) == Measurement(.temperature, celsius))
    }

    @Test("every word gives its value within −40…125 °C, whatever the flags, else an error")
    func everyWord() {
        let wrong = (UInt16.min...UInt16.max).filter { word in
            let steps = Int(word & 0x0FFF) - (word & 0x1000 != 0 ? 4_096 : 0)
            let isLegal = -640...2_000 ~= steps && word != 0xFFFF
            guard let measurement = try? MCP9808.measurement(from: word) else { return isLegal }
            return !isLegal || measurement != Measurement(.temperature, Double(steps) / 16)
        }
        #expect(wrong == [])
    }

    @Test("a reading costs one read, and a chip that runs at the finest resolution is never written to")
    func transcript() throws {
        let steps =
            Self.setUp() + [
                .read([0x05], from: 0x18, returns: [0xC1, 0x58]),
                .read([0x05], from: 0x18, returns: [0x3F, 0x60]),
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
        #expect(values == [21.5, -10])
        #expect(deviations == [])
    }

    @Test("a chip asleep with a coarse resolution is woken and refined, and put back")
    func asleepAndCoarse() throws {
        let steps =
            Self.setUp(configuration: [0x07, 0x1F], resolution: 1) + [
                .write([0x08, 0x03], to: 0x18), .write([0x01, 0x06, 0x1F], to: 0x18),
                .write([0x08, 0x01], to: 0x18), .write([0x01, 0x07, 0x1F], to: 0x18),
            ]
        let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            sensor.restore()
        }
        #expect(deviations == [])
    }

    @Test("no lock is ever set: a locked chip is woken by a word without locks, and left running")
    func locked() throws {
        for locks in [0x80, 0x40, 0xC0] as [UInt8] {
            let steps =
                Self.setUp(configuration: [0x01, locks]) + [.write([0x01, 0x00, 0x00], to: 0x18)]
            let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
                var sensor = try sensor(on: bus)
                sensor.restore()
            }
            #expect(deviations == [])
        }
    }

    @Test("a configuration with bits that are always 0 is a disturbed one, and nothing is written by it")
    func disturbedConfiguration() {
        for high in [0xFF, 0x81, 0x09] as [UInt8] {
            let (_, deviations) = ScriptedI2CBus.run(Self.setUp(configuration: [high, 0xFF])) { bus in
                let error = #expect(throws: SensorError.self) { try sensor(on: bus) }
                #expect(error?.kind == .busError)
            }
            #expect(deviations == [])
        }
    }

    @Test("0 °C is believed after a second look only, because a chip without power shows it too")
    func zeroIsChecked() throws {
        let steps =
            Self.setUp() + [
                .read([0x05], from: 0x18, returns: [0x80, 0x00]),
                .read([0x05], from: 0x18, returns: [0xC1, 0x90]),
            ]
        let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            _ = try sensor.startConversion()
            #expect(try sensor.collect() == .wait(.milliseconds(300)))
            #expect(try sensor.collect().measurements?.first?.goodValue == 25)
            let error = #expect(throws: SensorError.self) { try sensor.collect() }
            #expect(error?.kind == .notMeasured)
        }
        #expect(deviations == [])
    }

    @Test(
        "the sensor of a memory module and an MCP9804 are refused before anything is written",
        arguments: [([0x11, 0x31], [0xA2, 0x03]), ([0x00, 0x54], [0x02, 0x00])] as [([UInt8], [UInt8])])
    func otherChips(manufacturer: [UInt8], chip: [UInt8]) {
        let (error, deviations) = ScriptedI2CBus.run([
            .read([0x06], from: 0x18, returns: manufacturer), .read([0x07], from: 0x18, returns: chip),
        ]) { bus in
            #expect(throws: SensorError.self) { try sensor(on: bus) }
        }
        #expect(error?.kind == .wrongIdentity)
        #expect(deviations == [])
    }

    @Test("a power cut is never read as 0 °C, and no register that the maker reserves is touched")
    func powerCut() throws {
        let bench = ChipBench(model: MCP9808Model.self, address: 0x18, ambient: Ambient(celsius: 22))
        try bench.device.write([0x08, 0x00])
        try bench.device.writeWord(0x0100, to: 0x01)
        var sensor: any I2CSensorDriver = try MCP9808(bench.device, part: Part(MCP9808.name))
        #expect(try bench.read(&sensor).value(of: .temperature) == 22)
        bench.wait(try sensor.startConversion())
        _ = bench.wires.withModel(MCP9808Model.self, at: 0x18) { $0.resetPower(at: $1) }
        #expect(try sensor.collect() == .wait(.milliseconds(300)))
        bench.wait(.milliseconds(300))
        #expect(try sensor.collect().measurements?.value(of: .temperature) == 22)
        sensor.restore()
        let state = bench.wires.withModel(MCP9808Model.self, at: 0x18) { model, _ in
            (model.settings, model.isSpoiled)
        }
        #expect(state?.0 == [0x0100, 0, 0, 0, 0])
        #expect(state?.1 == false)
    }

    @Test("every code within the range comes back as its temperature")
    func roundTrip() throws {
        let bench = ChipBench(model: MCP9808Model.self, address: 0x18)
        var sensor: any I2CSensorDriver = try MCP9808(bench.device, part: Part(MCP9808.name))
        let wrong = try (-640...2_000).filter { code in
            bench.setTemperature(Double(code) / 16)
            return try bench.read(&sensor).value(of: .temperature) != Double(code) / 16
        }
        #expect(wrong == [])
    }
}
