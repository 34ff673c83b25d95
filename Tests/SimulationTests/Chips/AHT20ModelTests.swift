// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import ChipModels
@testable import Simulation

@Suite("AHT20Model")
struct AHT20ModelTests {
    private let bench = CommandBench(at: 0x38) {
        AHT20Model(ambient: Ambient(celsius: 25, relativeHumidity: 50), poweredAt: $0)
    }
    /// 25 °C and 50 %.
    private static let frame: [UInt8] = [
        0x18, 0x80, 0x00, 0x06, 0x00, 0x00, CRC8.sensirion([0x18, 0x80, 0, 6, 0, 0]),
    ]

    init() { bench.wait(.seconds(1)) }

    @Test("nothing is acknowledged until 100 ms after power-up, then the status says calibrated")
    func powerUp() {
        let fresh = CommandBench(at: 0x38) { AHT20Model(ambient: Ambient(celsius: 25), poweredAt: $0) }
        fresh.wait(.microseconds(99_999))
        #expect(fresh.read(1) == nil)
        fresh.wait(.microseconds(1))
        #expect(fresh.read(1) == [0x18])
        #expect(fresh.read(1, after: 0x71) == [0x18])
    }

    @Test("a measurement takes 80 ms; meanwhile the status says busy and the data are those of before")
    func measurement() {
        #expect(bench.write(0xAC, 0x33, 0x00))
        bench.wait(.microseconds(79_999))
        #expect(bench.read(6) == [0x98, 0, 0, 0, 0, 0])
        bench.wait(.microseconds(1))
        bench.set(-40)
        #expect(bench.read(8) == Self.frame + [0xFF])
        #expect(bench.read(7) == Self.frame)
        bench.write(0xAC, 0x33, 0x00)
        #expect(bench.read(6) == [0x98] + Self.frame[1...5])
    }

    @Test("who asks with command 0x71 during a measurement waits for ever")
    func statusCommand() {
        bench.write(0xAC, 0x33, 0x00)
        for _ in 0..<20 {
            bench.wait(.milliseconds(79))
            #expect(bench.read(1, after: 0x71) == [0x98])
        }
        bench.wait(.milliseconds(80))
        #expect(bench.read(1) == [0x18])
    }

    @Test("a chip without calibration gets it by the initialisation, in 10 ms")
    func initialisation() {
        let blank = CommandBench(at: 0x38) {
            AHT20Model(ambient: Ambient(celsius: 25), poweredAt: $0, calibratesItself: false)
        }
        blank.wait(.seconds(1))
        #expect(blank.read(1) == [0x10])
        #expect(blank.settings(of: AHT20Model.self) == [0])
        #expect(blank.write(0xBE, 0x08, 0x00))
        blank.wait(.microseconds(9_999))
        #expect(blank.read(1) == [0x90])
        blank.wait(.microseconds(1))
        #expect(blank.read(1) == [0x18])
        #expect(blank.settings(of: AHT20Model.self) == [1])
        #expect(blank.write(0xBA))
        blank.wait(.microseconds(19_999))
        #expect(blank.read(1) == nil)
        blank.wait(.microseconds(1))
        #expect(blank.read(1) == [0x10])
    }

    @Test("a reset forgets the result")
    func reset() {
        bench.write(0xAC, 0x33, 0x00)
        bench.wait(.milliseconds(80))
        #expect(bench.write(0xBA))
        bench.wait(.milliseconds(20))
        #expect(bench.read(6) == [0x18, 0, 0, 0, 0, 0])
    }

    @Test("the AHT10's initialisation and other unknown bytes are not acknowledged")
    func unknown() {
        #expect(!bench.write(0xE1, 0x08, 0x00))
        #expect(!bench.write(0xAC, 0x00, 0x00))
        #expect(!bench.write(0xAC, 0x33, 0x00, 0x00))
        #expect(!bench.write(0x00))
    }

    @Test("beyond the ends the codes saturate, and no byte spills into its neighbour")
    func saturation() {
        for (celsius, humidity, data) in [
            (-300.0, -5.0, [0, 0, 0, 0, 0]), (300, 500, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
            (-300, 500, [0xFF, 0xFF, 0xF0, 0, 0]), (300, -5, [0, 0, 0x0F, 0xFF, 0xFF]),
        ] as [(Double, Double, [UInt8])] {
            bench.set(celsius, humidity)
            bench.write(0xAC, 0x33, 0x00)
            bench.wait(.milliseconds(80))
            #expect(bench.read(6).map { Array($0[1...]) } == data)
        }
    }
}
