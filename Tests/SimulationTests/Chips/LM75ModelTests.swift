// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Testing

@testable import ChipModels
@testable import Simulation

@Suite("LM75Model")
struct LM75ModelTests {
    private func bench(_ variant: LM75Model.Variant, celsius: Double = 25) -> ModelBench {
        ModelBench(at: 0x48) { LM75Model(variant, ambient: Ambient(celsius: celsius), poweredAt: $0) }
    }

    @Test(
        "registers after power-up are those of the data sheets",
        arguments: [LM75Model.Variant.lm75, .lm75b, .pct2075, .tmp75])
    func resetValues(variant: LM75Model.Variant) throws {
        let bench = bench(variant)
        #expect(try bench.byte(1) == 0)
        #expect(try bench.word(2) == 0x4B00)
        #expect(try bench.word(3) == 0x5000)
        #expect(try bench.word(0) & 0xFF80 == 0)
    }

    @Test(
        "the first result comes after one conversion, in the part's own step",
        arguments: [
            (.lm75, 100_000, 0x197F), (.lm75b, 100_000, 0x1920), (.pct2075, 100_000, 0x1920),
            (.tmp75, 27_500, 0x1900),
        ] as [(LM75Model.Variant, Int, UInt16)])
    func firstConversion(variant: LM75Model.Variant, microseconds: Int, word: UInt16) throws {
        let bench = bench(variant, celsius: 25.14)
        bench.wait(.microseconds(microseconds - 1))
        #expect(try bench.word(0) & 0xFF80 == 0)
        bench.wait(.microseconds(1))
        #expect(try bench.word(0) == word)
    }

    @Test("an LM75 asleep keeps its last result; awake it converts ten times a second")
    func shutdown() throws {
        let bench = bench(.lm75b)
        bench.wait(.milliseconds(150))
        try bench.device.write([1, 0x01])
        bench.set(-25)
        bench.wait(.seconds(60))
        #expect(try bench.word(0) == 0x1900)
        try bench.device.write([1, 0x00])
        bench.wait(.milliseconds(99))
        #expect(try bench.word(0) == 0x1900)
        bench.wait(.milliseconds(1))
        #expect(try bench.word(0) == 0xE700)
        bench.set(-0.125)
        bench.wait(.milliseconds(100))
        #expect(try bench.word(0) == 0xFFE0)
    }

    @Test(
        "a TMP75 asleep converts once when told, with the resolution and in the time that were set",
        arguments: [(0x01, 27_500, 0x1900), (0x21, 55_000, 0x1900), (0x41, 110_000, 0x1920)]
            + [(0x61, 220_000, 0x1910)] as [(UInt8, Int, UInt16)])
    func oneShot(configuration: UInt8, microseconds: Int, word: UInt16) throws {
        let bench = bench(.tmp75, celsius: 10)
        bench.wait(.seconds(1))
        try bench.device.write([1, configuration])
        bench.wait(.seconds(1))
        bench.set(25.08)
        bench.wait(.seconds(60))
        #expect(try bench.word(0) == 0x0A00)
        try bench.device.write([1, configuration | 0x80])
        #expect(try bench.byte(1) == configuration)
        bench.wait(.microseconds(microseconds - 1))
        #expect(try bench.word(0) == 0x0A00)
        bench.wait(.microseconds(1))
        #expect(try bench.word(0) == word)
        bench.set(50)
        bench.wait(.seconds(60))
        #expect(try bench.word(0) == word)
    }

    @Test("a TMP75 finishes the conversion under way before it sleeps, and ignores OS until then")
    func shutdownMidway() throws {
        let bench = bench(.tmp75)
        bench.wait(.milliseconds(10))
        try bench.device.write([1, 0x81])
        bench.wait(.microseconds(17_499))
        #expect(try bench.word(0) == 0)
        bench.wait(.microseconds(1))
        #expect(try bench.word(0) == 0x1900)
        bench.set(50)
        bench.wait(.seconds(1))
        #expect(try bench.word(0) == 0x1900)
    }

    @Test("a PCT2075 rests between conversions for as long as it was told")
    func idleTime() throws {
        let bench = bench(.pct2075)
        try bench.device.write([4, 0xFF])
        #expect(try bench.byte(4) == 0x1F)
        bench.wait(.milliseconds(100))
        bench.set(50)
        bench.wait(.milliseconds(3_099))
        #expect(try bench.word(0) == 0x1900)
        bench.wait(.milliseconds(1))
        #expect(try bench.word(0) == 0x3200)
    }

    @Test("an LM75 repeats what was read last where it has no register, a TMP75 has two bits of pointer")
    func pointer() throws {
        let lm75 = bench(.lm75)
        #expect(try lm75.word(3) == 0x5000)
        #expect(try lm75.word(7) == 0x5000)
        #expect(try lm75.word(0x0A) == 0x4B00)
        #expect(try bench(.tmp75).word(0x0F) == 0x5000)
    }

    @Test(
        "limits keep the bits that the part has, the temperature cannot be written, a third byte is an idle line"
    )
    func storage() throws {
        for (variant, limit) in [(.lm75, 0xABA0 & 0xFF80), (.tmp75, 0xABA0)]
            as [(LM75Model.Variant, UInt16)]
        {
            let bench = bench(variant)
            try bench.write(0xABAF, 2)
            try bench.write(0xABAF, 3)
            try bench.write(0x1234, 0)
            #expect(bench.settings(of: LM75Model.self) == [0, limit, limit, 0])
            #expect(try bench.word(0) & 0xFF80 == 0)
            #expect(
                try bench.device.read(3, from: 3) == [UInt8(limit >> 8), UInt8(limit & 0xFF), 0xFF])
        }
    }

    @Test("beyond the format's ends the code saturates, and a power cycle forgets everything")
    func ends() throws {
        let bench = bench(.tmp75, celsius: 200)
        try bench.device.write([1, 0x60])
        bench.wait(.seconds(1))
        #expect(try bench.word(0) == 0x7FF0)
        bench.set(-300)
        bench.wait(.seconds(1))
        #expect(try bench.word(0) == 0x8000)
        bench.set(.nan)
        bench.wait(.seconds(1))
        #expect(try bench.word(0) == 0x8000)
        let done: Void? = bench.wires.withModel(LM75Model.self, at: 0x48) { $0.resetPower(at: $1) }
        #expect(done != nil)
        #expect(try bench.word(0) == 0)
        #expect(try bench.byte(1) == 0)
    }
}
