// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import ChipModels
@testable import Simulation

@Suite("SHT4xModel")
struct SHT4xModelTests {
    private let bench = CommandBench(at: 0x44) {
        SHT4xModel(ambient: Ambient(celsius: 25, relativeHumidity: 56.501), poweredAt: $0)
    }
    private static let frame: [UInt8] = [0x66, 0x66, 0x93, 0x80, 0x00, 0xA2]

    init() { bench.wait(.seconds(1)) }

    @Test(
        "a measurement takes its time, and nothing is acknowledged meanwhile",
        arguments: [(0xFD, 8300), (0xF6, 4500), (0xE0, 1600)] as [(UInt8, Int)])
    func measurement(command: UInt8, microseconds: Int) {
        #expect(bench.read(6) == nil)
        #expect(bench.write(command))
        bench.wait(.microseconds(microseconds - 1))
        #expect(bench.read(6) == nil)
        #expect(!bench.write(command))
        bench.wait(.microseconds(1))
        bench.set(-40)
        #expect(bench.read(7) == Self.frame + [0xFF])
        #expect(bench.read(6) == nil)
    }

    @Test("the serial number comes at once, with both checksums")
    func serialNumber() {
        #expect(bench.read(6, after: 0x89) == [0xFB, 0xBE, 0x23, 0x99, 0x91, 0x07])
    }

    @Test("commands of other chips are not acknowledged", arguments: [0xF3, 0x00, 0x71, 0xE7] as [UInt8])
    func unknown(command: UInt8) {
        #expect(!bench.write(command))
        #expect(!bench.write(0xFD, 0x00))
    }

    @Test("power-up and reset take 1 ms, and forget a result that was not fetched")
    func reset() {
        let fresh = CommandBench(at: 0x44) { SHT4xModel(ambient: Ambient(celsius: 25), poweredAt: $0) }
        fresh.wait(.microseconds(999))
        #expect(!fresh.write(0xFD))
        fresh.wait(.microseconds(1))
        #expect(fresh.write(0xFD))
        fresh.wait(.milliseconds(9))
        #expect(fresh.write(0x94))
        #expect(fresh.read(6) == nil)
        fresh.wait(.milliseconds(1))
        #expect(fresh.read(6) == nil)
        #expect(fresh.write(0xFD))
    }

    @Test(
        "a heater pulse keeps the chip busy and ends with a measurement",
        arguments: [(0x39, 1100), (0x2F, 1100), (0x1E, 1100), (0x32, 110), (0x24, 110), (0x15, 110)]
            as [(UInt8, Int)])
    func heater(command: UInt8, milliseconds: Int) {
        #expect(bench.write(command))
        bench.wait(.milliseconds(milliseconds) - .microseconds(1))
        #expect(bench.read(6) == nil)
        bench.wait(.microseconds(1))
        #expect(bench.read(6) == Self.frame)
    }

    @Test("the humidity code begins at −6 % and ends at 119 %")
    func humidity() {
        for (percent, word) in [(-6.0, [0, 0]), (119, [0xFF, 0xFF]), (-50, [0, 0]), (.infinity, [0, 0])]
            as [(Double, [UInt8])]
        {
            bench.set(25, percent)
            bench.write(0xFD)
            bench.wait(.milliseconds(9))
            #expect(bench.read(6).map { Array($0[3...4]) } == word)
        }
    }
}
