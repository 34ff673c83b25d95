// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import Testing

@testable import SensorDrivers

@Suite("TMP102 on its model")
struct TMP102ModelRoundTripTests {
    @Test("every code that the part can give comes back as its temperature", arguments: [false, true])
    func everyCode(extended: Bool) throws {
        let bench = ChipBench(model: TMP102Model.self, address: 0x48)
        try bench.device.writeWord(extended ? 0x60B0 : 0x60A0, to: 1)
        bench.wait(.seconds(1))
        var sensor: any I2CSensorDriver = try TMP102(bench.device, part: Part(TMP102.name))
        let wrong = try (-880...(extended ? 2400 : 2046)).filter { code in
            bench.setTemperature(Double(code) / 16)
            return try bench.read(&sensor).value(of: .temperature) != Double(code) / 16
        }
        #expect(wrong == [])
    }

    @Test("beyond the normal format the reading is suspect, in the extended one true")
    func beyondNormal() throws {
        let normal = ChipBench(model: TMP102Model.self, address: 0x48, ambient: Ambient(celsius: 140))
        var sensor = try TMP102(normal.device, part: Part(TMP102.name))
        normal.wait(try sensor.startConversion())
        let suspect = try #require(try sensor.collect().measurements?.first)
        #expect(suspect.quality == .suspect(.saturated))
        #expect(suspect.flags == [.saturated])
        #expect(suspect.goodValue == nil)

        let extended = ChipBench(model: TMP102Model.self, address: 0x48, ambient: Ambient(celsius: 160))
        try extended.device.writeWord(0x60B0, to: 1)
        extended.wait(.seconds(1))
        var other = try TMP102(extended.device, part: Part(TMP102.name))
        extended.wait(try other.startConversion())
        let error = #expect(throws: SensorError.self) { try other.collect() }
        #expect(error?.kind == .outOfRange)
    }

    @Test("a power cut during the conversion is seen and never read as 0 °C")
    func powerCut() throws {
        let bench = ChipBench(model: TMP102Model.self, address: 0x48, ambient: Ambient(celsius: 22))
        var sensor: any I2CSensorDriver = try TMP102(bench.device, part: Part(TMP102.name))
        bench.wait(try sensor.startConversion())
        _ = bench.wires.withModel(TMP102Model.self, at: 0x48) { model, now in model.resetPower(at: now) }
        let error = #expect(throws: SensorError.self) { try sensor.collect() }
        #expect(error?.kind == .powerOnValue)
        #expect(try bench.read(&sensor).value(of: .temperature) == 22)
    }

    @Test(
        "any configuration that the chip can have is put back bit by bit",
        arguments: [0x60A0, 0x7FF0, 0x61A0, 0x6410, 0x6850] as [UInt16])
    func restores(word: UInt16) throws {
        let bench = ChipBench(model: TMP102Model.self, address: 0x4A)
        try bench.device.writeWord(word & 0x7FFF, to: 1)
        bench.wait(.seconds(1))
        let before = bench.wires.withModel(TMP102Model.self, at: 0x4A) { model, _ in model.settings }
        var sensor: any I2CSensorDriver = try TMP102(bench.device, part: Part(TMP102.name))
        _ = try bench.read(&sensor)
        sensor.restore()
        #expect(bench.wires.withModel(TMP102Model.self, at: 0x4A) { model, _ in model.settings } == before)
    }
}
