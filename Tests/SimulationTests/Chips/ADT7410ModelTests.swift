// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Testing

@testable import ChipModels
@testable import Simulation

@Suite("ADT7410Model")
struct ADT7410ModelTests {
    private let bench = ModelBench(at: 0x48) {
        ADT7410Model(ambient: Ambient(celsius: 25), poweredAt: $0)
    }

    @Test("registers after power-up are those of the data sheet, and one message reads them all")
    func resetValues() throws {
        let expected: [UInt8] = [0, 0, 0x80, 0, 0x20, 0, 0x05, 0, 0x49, 0x80, 0x05, 0xCB]
        #expect(try bench.device.read(12, from: 0) == expected)
        for (register, byte) in expected.enumerated() {
            #expect(try bench.byte(UInt8(register)) == byte)
        }
        #expect(try bench.device.read(2, from: 0x0B) == [0xCB, 0xFF])
        #expect(try bench.byte(0x30) == 0)
    }

    @Test("the first conversion takes 6 ms, each further one 240 ms")
    func continuous() throws {
        bench.wait(.microseconds(5_999))
        #expect(try bench.byte(2) == 0x80)
        #expect(try bench.word(0) == 0)
        bench.wait(.microseconds(1))
        #expect(try bench.byte(2) == 0)
        #expect(try bench.word(0) == 0x0C80)
        #expect(try bench.byte(2) == 0x80)
        bench.set(-0.0625)
        bench.wait(.microseconds(239_999))
        #expect(try bench.word(0) == 0x0C80)
        bench.wait(.microseconds(1))
        #expect(try bench.word(0) & 0xFFF8 == 0xFFF8)
    }

    @Test(
        "a one-shot conversion takes 240 ms, then the chip sleeps; the status says when the result is there")
    func oneShot() throws {
        bench.wait(.seconds(1))
        try bench.device.write([3, 0xE0])
        bench.set(50)
        bench.wait(.seconds(60))
        #expect(try bench.word(0) == 0x0C80)
        try bench.device.write([3, 0xA0])
        bench.wait(.microseconds(239_999))
        #expect(try bench.byte(2) == 0x80)
        #expect(try bench.word(0) == 0x0C80)
        bench.wait(.microseconds(1))
        #expect(try bench.byte(2) == 0)
        try bench.device.write([3, 0xA0])
        #expect(try bench.byte(2) == 0x80)
        bench.wait(.milliseconds(240))
        #expect(try bench.byte(2) == 0)
        #expect(try bench.word(0) == 0x1900)
        bench.set(60)
        bench.wait(.seconds(60))
        #expect(try bench.word(0) == 0x1900)
        #expect(try bench.byte(3) == 0xA0)
    }

    @Test("with one conversion a second the first takes 60 ms")
    func everySecond() throws {
        bench.wait(.seconds(1))
        try bench.device.write([3, 0x40])
        #expect(try bench.byte(2) == 0x80)
        bench.set(50)
        bench.wait(.milliseconds(60))
        #expect(try bench.word(0) == 0x1900)
        bench.set(-55)
        bench.wait(.milliseconds(999))
        #expect(try bench.word(0) == 0x1900)
        bench.wait(.milliseconds(1))
        #expect(try bench.word(0) & 0xFFF8 == 0xE480)
    }

    @Test("16 bits resolve 1/128 °C; in 13 bits the lowest three say which limits are passed")
    func formats() throws {
        try bench.device.write([3, 0x80])
        bench.set(-0.0078125)
        bench.wait(.seconds(1))
        #expect(try bench.word(0) == 0xFFFF)
        try bench.device.write([3, 0x00])
        for (celsius, flags) in [(9.9375, 1), (10, 0), (64, 0), (64.0625, 2), (147.0625, 6)]
            as [(Double, UInt16)]
        {
            bench.set(celsius)
            bench.wait(.seconds(1))
            #expect(try bench.word(0) == UInt16(celsius * 128) | flags)
        }
    }

    @Test("status flags need the fault queue, and go when they are read or the hysteresis is passed")
    func flags() throws {
        bench.wait(.milliseconds(6))
        try bench.device.write([3, 0x03])
        bench.set(70)
        bench.wait(.milliseconds(240 * 3))
        #expect(try bench.byte(2) == 0)
        bench.wait(.milliseconds(240))
        #expect(try bench.byte(2) == 0x20)
        #expect(try bench.byte(2) == 0)
        bench.wait(.milliseconds(240 * 4))
        bench.set(59.0625)
        bench.wait(.milliseconds(240))
        #expect(try bench.word(2) >> 8 == 0x20)
        bench.set(70)
        bench.wait(.milliseconds(240 * 4))
        bench.set(59)
        bench.wait(.milliseconds(240))
        #expect(try bench.byte(2) == 0)
        bench.set(0)
        bench.wait(.milliseconds(240 * 4))
        #expect(try bench.byte(2) == 0x10)
    }

    @Test("limits are two bytes each, written in one message or two; ids and results are not written")
    func storage() throws {
        try bench.device.write([4, 0x12, 0x34])
        try bench.device.write([6, 0x56])
        try bench.device.write([7, 0x78])
        try bench.device.write([8, 0x9A, 0xBC])
        try bench.device.write([0x0A, 0xFF])
        try bench.device.write([0x0B, 0x00])
        try bench.device.write([0x00, 0x11, 0x22])
        #expect(bench.settings(of: ADT7410Model.self) == [0, 0x5678, 0x1234, 0x9ABC, 0x0F])
        #expect(try bench.byte(0x0B) == 0xCB)
        #expect(try bench.word(0) == 0)
    }

    @Test(
        "the reset command is a pointer alone; the chip does not answer for 200 µs and has forgotten everything"
    )
    func reset() throws {
        bench.wait(.seconds(1))
        try bench.device.write([3, 0xE0])
        try bench.device.write([0x2F])
        bench.wait(.microseconds(199))
        let error = #expect(throws: BusError.self) { try bench.byte(3) }
        #expect(error?.kind == .noAcknowledge)
        bench.wait(.microseconds(1))
        #expect(try bench.byte(3) == 0)
        #expect(try bench.word(0) == 0)
    }
}
