// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import ChipModels
@testable import Simulation

@Suite("SHT3xModel")
struct SHT3xModelTests {
    private let bench = CommandBench(at: 0x44) {
        SHT3xModel(ambient: Ambient(celsius: 25, relativeHumidity: 50), poweredAt: $0)
    }
    /// 25 °C and 50 %.
    private static let frame: [UInt8] = [0x66, 0x66, 0x93, 0x80, 0x00, 0xA2]

    init() { bench.wait(.seconds(1)) }

    @Test("nothing is acknowledged until 1.5 ms after power-up, then the status tells of the reset")
    func powerUp() {
        let fresh = CommandBench(at: 0x44) { SHT3xModel(ambient: Ambient(celsius: 25), poweredAt: $0) }
        fresh.wait(.microseconds(1499))
        #expect(!fresh.write(0xF3, 0x2D))
        fresh.wait(.microseconds(1))
        #expect(fresh.write(0xF3, 0x2D))
        #expect(fresh.read(4) == [0x80, 0x10, 0xE1, 0xFF])
    }

    @Test(
        "a single shot takes its time, and neither read nor command is acknowledged meanwhile",
        arguments: [(0x00, 15500), (0x0B, 6500), (0x16, 4500)] as [(UInt8, Int)])
    func singleShot(command: UInt8, microseconds: Int) {
        #expect(bench.read(6) == nil)
        #expect(bench.write(0x24, command))
        bench.wait(.microseconds(microseconds - 1))
        #expect(bench.read(6) == nil)
        #expect(!bench.write(0x24, 0x00))
        bench.wait(.microseconds(1))
        bench.set(-40)
        #expect(bench.read(7) == Self.frame + [0xFF])
        // A result can be read once.
        #expect(bench.read(6) == nil)
    }

    @Test("with clock stretching the read itself brings the result")
    func stretching() {
        bench.write(0x2C, 0x06)
        #expect(bench.read(6) == Self.frame)
    }

    @Test("in periodic mode each result is fetched once, and single shots and resets are refused")
    func periodic() {
        #expect(bench.write(0x21, 0x30))
        bench.wait(.milliseconds(16))
        #expect(bench.read(6) == nil)
        #expect(bench.write(0xE0, 0x00))
        #expect(bench.read(6) == Self.frame)
        bench.write(0xE0, 0x00)
        #expect(bench.read(6) == nil)
        #expect(!bench.write(0x24, 0x00))
        #expect(!bench.write(0x30, 0xA2))
        bench.set(0)
        bench.wait(.milliseconds(1000))
        bench.write(0xE0, 0x00)
        #expect(bench.read(2) == [0x41, 0xD4])
        #expect(bench.settings(of: SHT3xModel.self)?[1] == 0x2130)
        #expect(bench.write(0x30, 0x93))
        #expect(!bench.write(0x24, 0x00))
        bench.wait(.milliseconds(1))
        #expect(bench.write(0x24, 0x00))
    }

    @Test("a rate of ten a second brings a new result every 100 ms")
    func rate() throws {
        bench.write(0x27, 0x37)
        bench.wait(.milliseconds(50))
        for degrees in [1.0, 2, 3] {
            bench.set(degrees)
            bench.wait(.milliseconds(100))
            bench.write(0xE0, 0x00)
            let bytes = try #require(bench.read(2))
            let celsius = -45 + 175 * (Double(bytes[0]) * 256 + Double(bytes[1])) / 65535
            #expect(abs(celsius - degrees) < 0.002)
        }
    }

    @Test("the status keeps heater, reset and the fate of the last command")
    func status() {
        bench.write(0x30, 0x41)
        bench.write(0xF3, 0x2D)
        #expect(bench.read(3) == [0x00, 0x00, 0x81])
        bench.write(0x30, 0x6D)
        #expect(bench.write(0x12, 0x34))
        #expect(bench.read(1) == nil)
        #expect(bench.wires.withModel(SHT3xModel.self, at: 0x44) { model, _ in model.statusWord } == 0x2002)
        bench.write(0x30, 0x66)
        bench.write(0xF3, 0x2D)
        #expect(bench.read(2) == [0x00, 0x00])
        #expect(bench.write(0x30, 0xA2))
        #expect(!bench.write(0xF3, 0x2D))
        bench.wait(.microseconds(1500))
        bench.write(0xF3, 0x2D)
        #expect(bench.read(2) == [0x80, 0x10])
    }

    @Test("a limit is taken with a right checksum only, and the status says so")
    func limits() {
        bench.write(0xE1, 0x1F)
        #expect(bench.read(2) == [0xCD, 0x33])
        #expect(bench.write(0x61, 0x1D, 0xBE, 0xEF, 0x92))
        bench.write(0xE1, 0x1F)
        #expect(bench.read(3) == [0xBE, 0xEF, 0x92])
        bench.write(0x30, 0x41)
        #expect(bench.write(0x61, 0x1D, 0x12, 0x34, 0x00))
        bench.write(0xE1, 0x1F)
        #expect(bench.read(2) == [0xBE, 0xEF])
        bench.write(0xF3, 0x2D)
        #expect(bench.read(2) == [0x00, 0x01])
        #expect(!bench.write(0x24, 0x00, 0x00))
    }

    @Test("the serial number comes with checksums")
    func serialNumber() {
        bench.write(0x37, 0x80)
        #expect(
            bench.read(6)
                == [0x1B, 0x2C, CRC8.sensirion([0x1B, 0x2C]), 0x3D, 0x4E, CRC8.sensirion([0x3D, 0x4E])])
    }

    @Test("beyond the ends the codes saturate, and what is no number changes nothing")
    func saturation() {
        for (celsius, word) in [(-300.0, [0, 0]), (300, [0xFF, 0xFF]), (.nan, [0xFF, 0xFF])]
            as [(Double, [UInt8])]
        {
            bench.set(celsius)
            bench.write(0x24, 0x00)
            bench.wait(.milliseconds(16))
            #expect(bench.read(2) == word)
        }
    }
}
