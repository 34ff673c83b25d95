// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Testing

@testable import ChipModels
@testable import Simulation

@Suite("TMP117Model")
struct TMP117ModelTests {
    private let bench = ModelBench(at: 0x48) { TMP117Model(ambient: Ambient(celsius: 25), poweredAt: $0) }

    @Test("registers after power-up are those of the data sheet, and nobody answers in the first 1.5 ms")
    func resetValues() throws {
        bench.wait(.microseconds(1_499))
        let error = #expect(throws: BusError.self) { try bench.word(0x0F) }
        #expect(error?.kind == .noAcknowledge)
        bench.wait(.microseconds(1))
        #expect(try bench.word(0x0F) == 0x0117)
        #expect(try bench.word(0x01) == 0x0220)
        #expect(try bench.word(0x02) == 0x6000)
        #expect(try bench.word(0x03) == 0x8000)
        #expect(try bench.word(0x04) == 0)
        #expect(try bench.word(0x07) == 0)
        #expect(try bench.word(0x09) == 0)
    }

    @Test("the result is −256 °C until eight conversions of 15.5 ms have ended after power-up")
    func firstConversion() throws {
        bench.wait(.microseconds(125_499))
        #expect(try bench.word(0x00) == 0x8000)
        bench.wait(.microseconds(1))
        #expect(try bench.word(0x00) == 0x0C80)
    }

    @Test(
        "in continuous mode there is a result a second, and reading it or the configuration clears data ready"
    )
    func continuous() throws {
        bench.wait(.milliseconds(200))
        #expect(try bench.word(0x01) == 0x2220)
        #expect(try bench.word(0x01) == 0x0220)
        bench.set(-0.0078125)
        bench.wait(.milliseconds(925))
        #expect(try bench.word(0x00) == 0x0C80)
        bench.wait(.milliseconds(1))
        #expect(try bench.word(0x00) == 0xFFFF)
        #expect(try bench.word(0x01) == 0x0220)
    }

    @Test(
        "a one-shot conversion takes as long as its averages and ends in shutdown with data ready",
        arguments: [(0x0C00, 15_500), (0x0C20, 124_000), (0x0C40, 496_000), (0x0C60, 992_000)]
            as [(UInt16, Int)])
    func oneShot(configuration: UInt16, microseconds: Int) throws {
        bench.wait(.seconds(2))
        try bench.write(0x0400, 0x01)
        bench.set(100)
        bench.wait(.seconds(60))
        #expect(try bench.word(0x00) == 0x0C80)
        try bench.write(configuration, 0x01)
        #expect(try bench.word(0x01) == configuration)
        bench.wait(.microseconds(microseconds - 1))
        #expect(try bench.word(0x00) == 0x0C80)
        bench.wait(.microseconds(1))
        #expect(try bench.word(0x01) == configuration & ~0x0800 | 0x2000)
        #expect(try bench.word(0x00) == 0x3200)
    }

    @Test("shutdown ends a conversion at once; mode 10 is the continuous one")
    func shutdown() throws {
        bench.wait(.milliseconds(100))
        try bench.write(0x0620, 0x01)
        bench.wait(.seconds(10))
        #expect(try bench.word(0x00) == 0x8000)
        try bench.write(0x0A20, 0x01)
        #expect(try bench.word(0x01) == 0x0220)
        bench.wait(.milliseconds(124))
        #expect(try bench.word(0x00) == 0x0C80)
    }

    @Test("the cycle is the one set, but never shorter than the averages take")
    func cycle() throws {
        bench.wait(.seconds(2))
        try bench.write(0x0040, 0x01)
        bench.wait(.milliseconds(496))
        bench.set(50)
        bench.wait(.milliseconds(499))
        #expect(try bench.word(0x00) == 0x0C80)
        bench.wait(.milliseconds(1))
        #expect(try bench.word(0x00) == 0x1900)
    }

    @Test("alert flags stay until the configuration is read, in therm mode until the low limit is passed")
    func alerts() throws {
        try setLimits(high: 0x0F00, low: 0x0A00)
        bench.set(31)
        bench.wait(.seconds(1))
        bench.set(19)
        bench.wait(.seconds(1))
        #expect(try bench.word(0x01) & 0xC000 == 0xC000)
        #expect(try bench.word(0x01) & 0xC000 == 0)
        try bench.write(0x0230, 0x01)
        bench.set(31)
        bench.wait(.seconds(1))
        #expect(try bench.word(0x01) & 0xC000 == 0x8000)
        bench.set(25)
        bench.wait(.seconds(1))
        #expect(try bench.word(0x01) & 0xC000 == 0x8000)
        bench.set(19)
        bench.wait(.seconds(1))
        #expect(try bench.word(0x01) & 0xC000 == 0)
    }

    private func setLimits(high: UInt16, low: UInt16) throws {
        bench.wait(.milliseconds(200))
        try bench.write(high, 0x02)
        try bench.write(low, 0x03)
    }

    @Test("the offset is added, and the result saturates at both ends")
    func offset() throws {
        bench.wait(.milliseconds(2))
        try bench.write(0xFF80, 0x07)
        bench.wait(.seconds(1))
        #expect(try bench.word(0x00) == 0x0C00)
        bench.set(400)
        bench.wait(.seconds(1))
        #expect(try bench.word(0x00) == 0x7F7F)
        bench.set(-300)
        bench.wait(.seconds(1))
        #expect(try bench.word(0x00) == 0x8000)
    }

    @Test("a soft reset forgets the settings and takes 2 ms, but half a word changes nothing")
    func softReset() throws {
        bench.wait(.seconds(2))
        try bench.write(0x1234, 0x02)
        try bench.device.write([0x02, 0x55])
        #expect(try bench.word(0x02) == 0x1234)
        try bench.write(0x0222, 0x01)
        bench.wait(.microseconds(1_999))
        #expect(throws: BusError.self) { try bench.word(0x02) }
        bench.wait(.microseconds(1))
        #expect(try bench.word(0x02) == 0x6000)
        #expect(try bench.word(0x00) == 0x8000)
    }

    @Test("ids, results and the EEPROM cannot be written, unlocking it can be seen")
    func readOnly() throws {
        bench.wait(.milliseconds(2))
        for register in [0x00, 0x05, 0x06, 0x08, 0x0F] as [UInt8] {
            let before = try bench.word(register)
            try bench.write(0x5A5A, register)
            #expect(try bench.word(register) == before)
        }
        try bench.write(0xFFFF, 0x04)
        #expect(try bench.word(0x04) == 0x8000)
        #expect(bench.settings(of: TMP117Model.self) == [0x0220, 0x6000, 0x8000, 0, 0x8000])
    }
}
