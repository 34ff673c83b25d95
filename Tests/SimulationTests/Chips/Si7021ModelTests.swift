// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import ChipModels
@testable import Simulation

@Suite("Si7021Model")
struct Si7021ModelTests {
    private let bench = CommandBench(at: 0x40) {
        Si7021Model(ambient: Ambient(celsius: 24.6864, relativeHumidity: 32.325), poweredAt: $0)
    }
    private let other = CommandBench(at: 0x40) {
        Si7021Model(.htu21d, ambient: Ambient(celsius: 24.6864, relativeHumidity: 32.325), poweredAt: $0)
    }

    init() {
        bench.wait(.seconds(1))
        other.wait(.seconds(1))
    }

    @Test("a temperature takes 10.8 ms and is read once; nothing is acknowledged meanwhile")
    func temperature() {
        #expect(bench.read(3) == nil)
        #expect(bench.write(0xF3))
        bench.wait(.microseconds(10799))
        #expect(bench.read(3) == nil)
        #expect(!bench.write(0xF5))
        bench.wait(.microseconds(1))
        #expect(bench.read(4) == [0x68, 0x38, CRC8.si([0x68, 0x38]), 0xFF])
        #expect(bench.read(3) == nil)
    }

    @Test("a humidity takes the time of both, is marked by its status bits, and leaves its temperature to E0")
    func humidity() {
        #expect(bench.read(2, after: 0xE0) == [0, 0])
        bench.write(0xF5)
        bench.wait(.microseconds(22799))
        #expect(bench.read(3) == nil)
        bench.wait(.microseconds(1))
        bench.set(-30)
        #expect(bench.read(3) == [0x4E, 0x82, CRC8.si([0x4E, 0x82])])
        #expect(bench.read(3, after: 0xE0) == [0x68, 0x38, 0xFF])
    }

    @Test("a command of hold mode brings the result in the same transaction")
    func hold() {
        #expect(bench.read(2, after: 0xE3) == [0x68, 0x38])
        #expect(bench.read(2, after: 0xE5) == [0x4E, 0x82])
    }

    @Test("resolution and heater of the user register can be written, the rest stays; a reset brings it back")
    func userRegister() {
        #expect(bench.read(1, after: 0xE7) == [0x3A])
        #expect(bench.write(0xE6, 0xFF))
        #expect(bench.read(1, after: 0xE7) == [0xBF])
        #expect(bench.write(0x51, 0xFF))
        #expect(bench.read(1, after: 0x11) == [0x0F])
        #expect(bench.settings(of: Si7021Model.self) == [0xBF, 0x0F])
        #expect(bench.write(0xFE))
        bench.wait(.microseconds(14999))
        #expect(bench.read(1, after: 0xE7) == nil)
        bench.wait(.microseconds(1))
        #expect(bench.read(1, after: 0xE7) == [0x3A])
        #expect(bench.settings(of: Si7021Model.self) == [0x3A, 0])
    }

    @Test(
        "a coarser resolution is quicker and leaves the low bits 0",
        arguments: [(0x01, 3800, 12), (0x80, 6200, 13), (0x81, 2400, 11)] as [(UInt8, Int, Int)])
    func resolution(bits: UInt8, microseconds: Int, width: Int) throws {
        bench.write(0xE6, bits)
        bench.set(33.333)
        bench.write(0xF3)
        bench.wait(.microseconds(microseconds - 1))
        #expect(bench.read(2) == nil)
        bench.wait(.microseconds(1))
        let bytes = try #require(bench.read(2))
        let word = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        #expect(word.trailingZeroBitCount >= 16 - width)
        let celsius = -46.85 + 175.72 * Double(word) / 65536
        let step = 175.72 / Double(1 << width)
        #expect(abs(celsius - 33.333) <= step / 2)
    }

    @Test("the electronic id names the part, with checksums that go on")
    func electronicID() {
        #expect(bench.read(6, after: 0xFC, 0xC9) == [0x15, 0x8A, 0xB8, 0xA6, 0xAE, 0xE0])
        #expect(bench.read(8, after: 0xFA, 0x0F)?.count == 8)
        #expect(bench.read(1, after: 0x84, 0xB8) == [0x20])
        #expect(!bench.write(0xFC, 0x00))
    }

    @Test("an HTU21D has times, reset value and id of its own, and neither E0 nor a heater register")
    func htu21d() {
        #expect(other.read(1, after: 0xE7) == [0x02])
        #expect(other.read(3, after: 0xFC, 0xC9) == [0x32, 0xD4, 0xAB])
        #expect(other.read(8, after: 0xFA, 0x0F).map { CRC8.si([$0[2]]) == $0[3] } == true)
        #expect(!other.write(0xE0))
        #expect(!other.write(0x11))
        #expect(!other.write(0x51, 0x01))
        for (command, milliseconds) in [(0xF3, 50), (0xF5, 16)] as [(UInt8, Int)] {
            other.write(command)
            other.wait(.milliseconds(milliseconds) - .microseconds(1))
            #expect(other.read(3) == nil)
            other.wait(.microseconds(1))
            #expect(other.read(3) != nil)
        }
    }

    @Test("power-up takes 80 ms in the worst case, and unknown commands are not acknowledged")
    func powerUp() {
        let fresh = CommandBench(at: 0x40) { Si7021Model(ambient: Ambient(celsius: 20), poweredAt: $0) }
        fresh.wait(.microseconds(79999))
        #expect(!fresh.write(0xE7))
        fresh.wait(.microseconds(1))
        #expect(fresh.write(0xE7))
        #expect(!fresh.write(0x00))
        #expect(!fresh.write(0xFF))
    }

    @Test("beyond the ends the codes saturate")
    func saturation() {
        for (celsius, word) in [(-300.0, [0x00, 0x00]), (300, [0xFF, 0xFC])] as [(Double, [UInt8])] {
            bench.set(celsius)
            #expect(bench.read(2, after: 0xE3) == word)
        }
        bench.set(20, 500)
        #expect(bench.read(2, after: 0xE5) == [0xFF, 0xF2])
    }
}
