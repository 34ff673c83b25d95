// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import ChipModels
@testable import Simulation

@Suite("HDC1080Model")
struct HDC1080ModelTests {
    private let bench = CommandBench(at: 0x40) {
        HDC1080Model(ambient: Ambient(celsius: 25.7421875, relativeHumidity: 50), poweredAt: $0)
    }

    init() { bench.wait(.seconds(1)) }

    @Test("registers after power-up are those of the data sheet, 15 ms after it")
    func resetValues() {
        let fresh = CommandBench(at: 0x40) { HDC1080Model(ambient: Ambient(celsius: 20), poweredAt: $0) }
        fresh.wait(.microseconds(14_999))
        #expect(fresh.read(2, after: 0x02) == nil)
        fresh.wait(.microseconds(1))
        #expect(fresh.read(2, after: 0x02) == [0x10, 0x00])
        #expect(fresh.read(3, after: 0xFE) == [0x54, 0x49, 0xFF])
        #expect(fresh.read(2, after: 0xFF) == [0x10, 0x50])
    }

    @Test("the results are zero before the first acquisition")
    func beforeTheFirst() {
        #expect(bench.read(4) == [0, 0, 0, 0])
    }

    @Test("writing the pointer starts both, and reads are not acknowledged for 12.85 ms")
    func acquisition() {
        #expect(bench.write(0x00))
        bench.wait(.microseconds(12_849))
        #expect(bench.read(4) == nil)
        bench.wait(.microseconds(1))
        bench.set(-40, 0)
        #expect(bench.read(5) == [0x66, 0x00, 0x80, 0x00, 0xFF])
        #expect(bench.read(4) == [0x66, 0x00, 0x80, 0x00])
    }

    @Test("a read after a repeated START comes too early, and starts the acquisition all the same")
    func combined() {
        #expect(bench.read(4, after: 0x00) == nil)
        bench.wait(.microseconds(12_850))
        #expect(bench.read(4) == [0x66, 0x00, 0x80, 0x00])
    }

    @Test("writing the pointer again starts anew")
    func restart() {
        bench.write(0x00)
        bench.wait(.milliseconds(12))
        bench.write(0x00)
        bench.wait(.milliseconds(12))
        #expect(bench.read(4) == nil)
        bench.wait(.microseconds(850))
        #expect(bench.read(4) != nil)
    }

    @Test("one by one each pointer starts its own quantity, in its own time")
    func oneByOne() {
        #expect(bench.write(0x02, 0x00, 0x00))
        bench.write(0x00)
        bench.wait(.microseconds(6_350))
        #expect(bench.read(4) == [0x66, 0x00, 0x00, 0x00])
        bench.write(0x01)
        bench.wait(.microseconds(6_499))
        #expect(bench.read(2) == nil)
        bench.wait(.microseconds(1))
        #expect(bench.read(3) == [0x80, 0x00, 0xFF])
    }

    @Test("coarser resolutions are quicker and leave the low bits 0")
    func resolution() {
        bench.set(33.333, 33.333)
        bench.write(0x02, 0x16, 0x00)
        bench.write(0x00)
        bench.wait(.microseconds(3_650 + 2_500 - 1))
        #expect(bench.read(4) == nil)
        bench.wait(.microseconds(1))
        let bytes = bench.read(4)
        #expect(bytes.map { $0[1] & 0x1F } == 0)
        #expect(bytes.map { $0[3] } == 0)
        #expect(bytes.map { $0[2] } == 0x55)
    }

    @Test("reserved bits cannot be written, and the reset bit brings the reset values back")
    func configuration() {
        bench.write(0x02, 0x7F, 0xFF)
        #expect(bench.read(2, after: 0x02) == [0x37, 0x00])
        #expect(bench.settings(of: HDC1080Model.self) == [0x3700])
        bench.write(0x00)
        bench.wait(.milliseconds(15))
        bench.write(0x02, 0x80, 0x00)
        #expect(bench.read(2, after: 0x02) == [0x10, 0x00])
        // The pointer stands at the configuration: only a new start shows that the results are gone.
        #expect(bench.read(4, after: 0x00) == nil)
        bench.write(0x02, 0x80, 0x00)
        #expect(bench.read(2) == [0x10, 0x00])
    }

    @Test("beyond the ends the codes saturate")
    func saturation() {
        for (celsius, humidity, bytes) in [
            (-300.0, -5.0, [0, 0, 0, 0]), (300, 500, [0xFF, 0xFC, 0xFF, 0xFC]),
        ] as [(Double, Double, [UInt8])] {
            bench.set(celsius, humidity)
            bench.write(0x00)
            bench.wait(.milliseconds(15))
            #expect(bench.read(4) == bytes)
        }
    }
}
