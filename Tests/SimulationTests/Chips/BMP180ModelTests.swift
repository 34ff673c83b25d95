// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import TestClocks
import Testing

@testable import ChipModels
@testable import Simulation

@Suite("BMP180Model")
struct BMP180ModelTests {
    private let clock = VirtualTime()
    private let wires: VirtualI2CBus
    private let device: I2CDevice

    init() {
        let clock = clock
        wires = VirtualI2CBus(clock: { clock.instant })
        device = I2CDevice(bus: InMemoryI2CBus(wires, location: "test bus"), address: 0x77)
        let ambient = Ambient(celsius: 15, pascals: 69_964)
        wires.attach(BMP180Model(ambient: ambient, poweredAt: clock.instant), at: 0x77)
    }

    @Test("registers after power-up are those of the data sheet, the calibration that of its example")
    func resetValues() throws {
        #expect(try device.read(1, from: 0xD0) == [0x55])
        #expect(try device.read(5, from: 0xF4) == [0, 0, 0x80, 0, 0])
        #expect(
            try device.read(22, from: 0xAA) == [
                0x01, 0x98, 0xFF, 0xB8, 0xC7, 0xD1, 0x7F, 0xE5, 0x7F, 0xF5, 0x5A, 0x71, 0x18, 0x2E, 0x00,
                0x04, 0x80, 0x00, 0xDD, 0xF9, 0x0B, 0x34,
            ])
    }

    @Test("the formulas give the data sheet's example, and their inversion finds its codes")
    func publishedExample() {
        let calibration = BMP180ModelCalibration()
        #expect(calibration.temperature(ut: 27898) == 150)
        #expect(calibration.pressure(up: 23843, ut: 27898, oversampling: 0) == 69_964)
        #expect(abs(calibration.ut(celsius: 15) - 27898) <= 2)
        #expect(calibration.up(pascals: 69_964, ut: 27898, oversampling: 0) == 23843)
    }

    @Test("the temperature takes 3 ms, in which SCO is set and the result is an old one")
    func temperature() throws {
        try device.write([0xF4, 0x2E])
        clock.advance(by: .microseconds(2999))
        #expect(try device.read(5, from: 0xF4) == [0x2E, 0, 0x80, 0, 0])
        clock.advance(by: .microseconds(1))
        let bytes = try device.read(5, from: 0xF4)
        #expect(bytes[0] == 0x0E)
        #expect(abs(Int(bytes[2]) << 8 + Int(bytes[3]) - 27898) <= 2)
    }

    @Test(
        "the pressure takes its place, in more time and with more bits with every step of oss",
        arguments: [(0, 3), (1, 5), (2, 9), (3, 17)])
    func pressure(oss: Int, milliseconds: Int) throws {
        try device.write([0xF4, 0x2E])
        clock.advance(by: .milliseconds(3))
        try device.write([0xF4, 0x34 | UInt8(oss) << 6])
        clock.advance(by: .milliseconds(milliseconds) - .microseconds(1))
        #expect(try device.read(1, from: 0xF4) == [0x34 | UInt8(oss) << 6])
        clock.advance(by: .microseconds(1))
        let bytes = try device.read(5, from: 0xF4).map { Int($0) }
        #expect(bytes[0] == 0x14 | oss << 6)
        let code = (bytes[2] << 16 | bytes[3] << 8 | bytes[4]) >> (8 - oss)
        #expect(abs(Double(code) / Double(1 << oss) - 23843) < 1.5)
        #expect(bytes[4] & (0xFF >> oss) == 0)
    }

    @Test("what is no command starts nothing")
    func noCommand() throws {
        try device.write([0xF4, 0x3F])
        clock.advance(by: .seconds(1))
        #expect(try device.read(5, from: 0xF4) == [0x1F, 0, 0x80, 0, 0])
        try device.write([0xAA, 0x00])
        #expect(try device.read(1, from: 0xAA) == [0x01])
    }

    @Test("the reset word forgets the command and the result")
    func reset() throws {
        try device.write([0xF4, 0x2E])
        clock.advance(by: .milliseconds(3))
        try device.write([0xE0, 0x11])
        #expect(try device.read(1, from: 0xF4) == [0x0E])
        try device.write([0xE0, 0xB6])
        #expect(try device.read(5, from: 0xF4) == [0, 0, 0x80, 0, 0])
    }

    @Test("beyond what codes can express the code saturates")
    func saturation() {
        let calibration = BMP180ModelCalibration()
        #expect(calibration.ut(celsius: 1000) == 0xFFFF)
        #expect(calibration.up(pascals: 1e9, ut: 27898, oversampling: 3) == 0x7FFFF)
        #expect(calibration.up(pascals: -1e5, ut: 27898, oversampling: 0) == 0)
        #expect(calibration.b5(ut: calibration.ut(celsius: -300)) < 160 * -40)
    }
}
