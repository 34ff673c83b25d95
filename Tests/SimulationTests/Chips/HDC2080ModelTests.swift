// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import ChipModels
@testable import Simulation

@Suite("HDC2080Model")
struct HDC2080ModelTests {
    private let bench = CommandBench(at: 0x40) {
        HDC2080Model(ambient: Ambient(celsius: 25.2421875, relativeHumidity: 50), poweredAt: $0)
    }
    private static let result: [UInt8] = [0x00, 0x66, 0x00, 0x80]

    init() { bench.wait(.seconds(1)) }

    @Test("registers after power-up are those of the data sheet, and the pointer moves on by itself")
    func resetValues() {
        #expect(bench.read(16, after: 0x00) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0, 0xFF, 0, 0])
        #expect(bench.read(4, after: 0xFC) == [0x49, 0x54, 0xD0, 0x07])
        #expect(bench.read(2, after: 0x10) == [0, 0])
        #expect(bench.write(0x0A, 0x11, 0x22))
        #expect(bench.read(2, after: 0x0A) == [0x11, 0x22])
    }

    @Test("a trigger measures both in 1.27 ms; the bit for it is cleared by reading it, the result stays")
    func trigger() {
        #expect(bench.write(0x0F, 0x01))
        bench.wait(.microseconds(1_269))
        #expect(bench.read(1, after: 0x04) == [0])
        #expect(bench.read(4, after: 0x00) == [0, 0, 0, 0])
        bench.wait(.microseconds(1))
        bench.set(-40, 0)
        #expect(bench.read(1, after: 0x04) == [0x80])
        #expect(bench.read(1, after: 0x04) == [0])
        #expect(bench.read(4, after: 0x00) == Self.result)
        #expect(bench.read(1, after: 0x0F) == [0])
        bench.write(0x0F, 0x01)
        #expect(bench.read(4, after: 0x00) == Self.result)
    }

    @Test("a read over the status in one transaction clears it too")
    func statusInPassing() {
        bench.write(0x0F, 0x01)
        bench.wait(.milliseconds(2))
        #expect(bench.read(5, after: 0x00) == Self.result + [0x80])
        #expect(bench.read(5, after: 0x00) == Self.result + [0x00])
    }

    @Test("the temperature alone is quicker and leaves the humidity")
    func temperatureOnly() {
        bench.write(0x0F, 0x03)
        bench.wait(.microseconds(610))
        #expect(bench.read(1, after: 0x04) == [0x80])
        #expect(bench.read(4, after: 0x00) == [0x00, 0x66, 0, 0])
        #expect(bench.read(1, after: 0x0F) == [0x02])
    }

    @Test("automatic measurements begin with a trigger and come at their rate")
    func automatic() {
        bench.write(0x0E, 0x50)
        bench.wait(.seconds(3))
        #expect(bench.read(1, after: 0x04) == [0])
        bench.write(0x0F, 0x01)
        bench.wait(.milliseconds(2))
        #expect(bench.read(1, after: 0x04) == [0x80])
        bench.wait(.milliseconds(990))
        #expect(bench.read(1, after: 0x04) == [0])
        bench.wait(.milliseconds(10))
        #expect(bench.read(1, after: 0x04) == [0x80])
        bench.write(0x0E, 0x00)
        bench.wait(.seconds(3))
        #expect(bench.read(1, after: 0x04) == [0])
    }

    @Test("the maxima keep the high bytes of the highest results, the adjustments shift them")
    func maximaAndAdjustments() {
        bench.set(60, 80)
        bench.write(0x0F, 0x01)
        bench.wait(.milliseconds(2))
        bench.set(10, 20)
        bench.write(0x0F, 0x01)
        bench.wait(.milliseconds(2))
        #expect(bench.read(2, after: 0x05) == [0x9B, 0xCC])
        bench.set(25.2421875, 50)
        bench.write(0x08, 0x40, 0xC0)
        bench.write(0x0F, 0x01)
        bench.wait(.milliseconds(2))
        // 10.31 °C more and 12.5 % less: 76.0521875 of 165, to the nearest of 16384 steps, and 37.5 of 100.
        #expect(bench.read(4, after: 0x00) == [0x00, 0x76, 0x00, 0x60])
    }

    @Test("the reset bit brings the reset values back")
    func reset() {
        bench.write(0x0E, 0x5C, 0xA2)
        #expect(bench.settings(of: HDC2080Model.self)?.suffix(2) == [0x5C, 0xA2])
        bench.write(0x0E, 0x80)
        #expect(bench.read(2, after: 0x0E) == [0, 0])
        #expect(bench.read(4, after: 0x00) == [0, 0, 0, 0])
    }

    @Test("an HDC2010 subtracts 40, and beyond the ends the codes saturate")
    func offsetAndEnds() {
        let other = CommandBench(at: 0x41) {
            HDC2080Model(ambient: Ambient(celsius: 25.7421875), poweredAt: $0, offset: 40)
        }
        other.wait(.milliseconds(3))
        other.write(0x0F, 0x01)
        other.wait(.milliseconds(2))
        #expect(other.read(2, after: 0x00) == [0x00, 0x66])
        for (celsius, humidity, bytes) in [
            (-300.0, -5.0, [0, 0, 0, 0]), (300, 500, [0xFC, 0xFF, 0xFC, 0xFF]),
        ] as [(Double, Double, [UInt8])] {
            bench.set(celsius, humidity)
            bench.write(0x0F, 0x01)
            bench.wait(.milliseconds(2))
            #expect(bench.read(4, after: 0x00) == bytes)
        }
    }

    @Test("the results and ids cannot be written")
    func readOnly() {
        bench.write(0x00, 1, 2, 3, 4, 5, 6, 7)
        #expect(bench.read(7, after: 0x00) == [0, 0, 0, 0, 0, 0, 0])
        bench.write(0xFC, 0)
        #expect(bench.read(1, after: 0xFC) == [0x49])
    }
}
