// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import TestClocks
import Testing

@testable import ChipModels
@testable import Simulation

/// What differs from the BME280, whose tests cover what both have in common.
@Suite("BMP280Model")
struct BMP280ModelTests {
    private let clock = VirtualTime()
    private let wires: VirtualI2CBus
    private let device: I2CDevice

    init() {
        let clock = clock
        wires = VirtualI2CBus(clock: { clock.instant })
        device = I2CDevice(bus: InMemoryI2CBus(wires, location: "test bus"), address: 0x77)
        wires.attach(BMP280Model(ambient: Ambient(celsius: 25), poweredAt: clock.instant), at: 0x77)
        clock.advance(by: .milliseconds(2))
    }

    @Test("it has an id of its own and no registers for the humidity")
    func registers() throws {
        #expect(try device.read(1, from: 0xD0) == [0x58])
        try device.write([0xF2, 0x01])
        #expect(try device.read(1, from: 0xF2) == [0])
        #expect(try device.read(7, from: 0xE1).allSatisfy { $0 == 0 })
        #expect(try device.read(8, from: 0xF7) == [0x80, 0, 0, 0x80, 0, 0, 0, 0])
        #expect(try device.read(4, from: 0x9E) == [0x70, 0x17, 0, 0])
    }

    @Test("a forced measurement of both quantities takes 5.5 ms")
    func forced() throws {
        try device.write([0xF4, 0x25])
        clock.advance(by: .microseconds(5499))
        #expect(try device.read(2, from: 0xF3) == [0x08, 0x25])
        clock.advance(by: .microseconds(1))
        #expect(try device.read(2, from: 0xF3) == [0x00, 0x24])
    }

    @Test("standby codes 6 and 7 are 2 and 4 s", arguments: [(0b110, 2000), (0b111, 4000)] as [(UInt8, Int)])
    func standby(code: UInt8, milliseconds: Int) throws {
        try device.write([0xF5, code << 5, 0xF4, 0b001_000_11])
        clock.advance(by: .milliseconds(3 + milliseconds) - .microseconds(1))
        #expect(try device.read(1, from: 0xF3) == [0])
        clock.advance(by: .microseconds(1))
        #expect(try device.read(1, from: 0xF3) == [0x08])
    }
}
