// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import TestClocks
import Testing

@testable import ChipModels
@testable import Simulation

@Suite("BME280Model")
struct BME280ModelTests {
    private let clock = VirtualTime()
    private let wires: VirtualI2CBus
    private let bus: InMemoryI2CBus

    init() {
        let clock = clock
        wires = VirtualI2CBus(clock: { clock.instant })
        bus = InMemoryI2CBus(wires, location: "test bus")
        let ambient = Ambient(celsius: 25.0825, relativeHumidity: 42.6, pascals: 100_653.27)
        wires.attach(BME280Model(ambient: ambient, poweredAt: clock.instant), at: 0x76)
        clock.advance(by: .milliseconds(2))
    }

    private var device: I2CDevice { I2CDevice(bus: bus, address: 0x76) }

    private func register(_ register: UInt8) throws -> UInt8 {
        try #require(try device.read(1, from: register).first)
    }

    /// The codes of pressure, temperature and humidity.
    private func codes() throws -> (p: UInt32, t: UInt32, h: UInt32) {
        let bytes = try device.read(8, from: 0xF7).map { UInt32($0) }
        return (
            bytes[0] << 12 | bytes[1] << 4 | bytes[2] >> 4, bytes[3] << 12 | bytes[4] << 4 | bytes[5] >> 4,
            bytes[6] << 8 | bytes[7]
        )
    }

    @Test("registers after power-up are those of the data sheet")
    func resetValues() throws {
        #expect(try register(0xD0) == 0x60)
        #expect(try device.read(4, from: 0xF2) == [0, 0, 0, 0])
        #expect(try device.read(8, from: 0xF7) == [0x80, 0, 0, 0x80, 0, 0, 0x80, 0])
        #expect(try register(0xE0) == 0)
    }

    @Test("trimming data are those of the published example, there 2 ms after power-up, as im_update says")
    func trimming() throws {
        wires.attach(BME280Model(ambient: Ambient(celsius: 20), poweredAt: clock.instant), at: 0x76)
        clock.advance(by: .microseconds(1999))
        #expect(try register(0xF3) == 0x01)
        #expect(try device.read(26, from: 0x88).allSatisfy { $0 == 0 })
        clock.advance(by: .microseconds(1))
        #expect(try register(0xF3) == 0)
        #expect(
            try device.read(26, from: 0x88) == [
                0x70, 0x6B, 0x43, 0x67, 0x18, 0xFC, 0x7D, 0x8E, 0x43, 0xD6, 0xD0, 0x0B, 0x27, 0x0B, 0x8C,
                0x00, 0xF9, 0xFF, 0x8C, 0x3C, 0xF8, 0xC6, 0x70, 0x17, 0x00, 0x4B,
            ])
        #expect(try device.read(7, from: 0xE1) == [0x6A, 0x01, 0x00, 0x14, 0x23, 0x03, 0x1E])
    }

    @Test("the formulas give the published example, and their inversion finds its codes")
    func publishedExample() throws {
        let trimming = BMx280Trimming()
        #expect(trimming.fineTemperature(adcT: 519_888) == 128_422)
        // Published is 25767236/256 Pa; one step of t_fine makes 7.
        #expect(abs(trimming.pressure(adcP: 415_148, fineTemperature: 128_422) - 25_767_236) < 4)
        // ×16 each, so that the codes have all their bits.
        try device.write([0xF2, 0b101, 0xF4, 0b101_101_01])
        clock.advance(by: .seconds(1))
        let codes = try codes()
        #expect(abs(Int(codes.t) - 519_888) <= 2)
        #expect(abs(Int(codes.p) - 415_148) <= 2)
    }

    @Test("a forced measurement takes its time, is shown as running, and the chip sleeps again")
    func forced() throws {
        try device.write([0xF2, 0x01])
        try device.write([0xF4, 0x25])
        #expect(try device.read(3, from: 0xF2) == [0x01, 0x08, 0x25])
        clock.advance(by: .microseconds(7999))
        #expect(try device.read(3, from: 0xF2) == [0x01, 0x08, 0x25])
        #expect(try codes().t == 0x80000)
        clock.advance(by: .microseconds(1))
        #expect(try device.read(3, from: 0xF2) == [0x01, 0x00, 0x24])
        let measured = try codes()
        #expect(measured.t != 0x80000 && measured.p != 0x80000 && measured.h != 0x8000)
        wires.setAmbient(Ambient(celsius: -20), at: 0x76)
        clock.advance(by: .seconds(60))
        #expect(try codes() == measured)
    }

    @Test("a measurement takes what is true at its end")
    func ambientAtTheEnd() throws {
        try device.write([0xF4, 0x25])
        clock.advance(by: .milliseconds(3))
        wires.setAmbient(Ambient(celsius: -20), at: 0x76)
        clock.advance(by: .milliseconds(5))
        let cold = try codes().t
        try device.write([0xF4, 0x25])
        clock.advance(by: .milliseconds(8))
        #expect(try codes().t == cold)
    }

    @Test("a write is pairs of register and value, and counts nothing up")
    func pairs() throws {
        try device.write([0xF2, 0x03, 0xF5, 0x10, 0xF4])
        #expect(try device.read(4, from: 0xF2) == [0x03, 0, 0, 0x10])
        #expect(try bus.transfer(to: 0x76, write: [], readCount: 1) == [0])
    }

    @Test("ctrl_hum takes effect with the next write of ctrl_meas only")
    func humidityLatch() throws {
        try device.write([0xF4, 0x25, 0xF2, 0x01])
        clock.advance(by: .milliseconds(8))
        #expect(try register(0xF2) == 0x01)
        #expect(try codes().h == 0x8000)
        try device.write([0xF4, 0x25])
        clock.advance(by: .milliseconds(8))
        #expect(try codes().h != 0x8000)
    }

    @Test("a skipped quantity holds the code of reset and takes no time")
    func skipped() throws {
        try device.write([0xF2, 0x00, 0xF4, 0b000_001_01])
        clock.advance(by: .microseconds(3500))
        #expect(try register(0xF4) == 0b000_001_00)
        #expect(try codes().t == 0x80000 && codes().h == 0x8000 && codes().p != 0x80000)
        try device.write([0xF4, 0b001_000_01])
        clock.advance(by: .milliseconds(3))
        #expect(try codes().p == 0x80000 && codes().t != 0x80000)
    }

    @Test("in normal mode it measures again after each standby time, and code 6 is 10 ms")
    func normalMode() throws {
        try device.write([0xF5, 0b110_000_00, 0xF4, 0b001_000_11])
        clock.advance(by: .milliseconds(3))
        let first = try codes().t
        #expect(try register(0xF3) == 0)
        wires.setAmbient(Ambient(celsius: 30), at: 0x76)
        clock.advance(by: .milliseconds(10))
        #expect(try register(0xF3) == 0x08)
        #expect(try codes().t == first)
        clock.advance(by: .milliseconds(3))
        #expect(try codes().t > first)
        #expect(try register(0xF4) == 0b001_000_11)
        clock.advance(by: .seconds(86_400))
        wires.setAmbient(Ambient(celsius: 10), at: 0x76)
        clock.advance(by: .seconds(1))
        #expect(try codes().t < first)
    }

    @Test(
        "normal mode that began with a command which had to wait is caught up with in no time",
        .timeLimit(.minutes(10)))
    func longAfterPendingCommand() throws {
        try device.write([0xF4, 0b001_000_11])
        try device.write([0xF4, 0b010_000_11])
        wires.setAmbient(Ambient(celsius: 30), at: 0x76)
        clock.advance(by: .seconds(8 * 3600))
        #expect(try register(0xF4) == 0b010_000_11)
        #expect(try codes().t > 519_888)
    }

    @Test("config is not taken in normal mode")
    func configInNormalMode() throws {
        try device.write([0xF4, 0b001_000_11])
        try device.write([0xF5, 0x10])
        #expect(try register(0xF5) == 0)
        clock.advance(by: .milliseconds(3))
        try device.write([0xF4, 0b001_000_00, 0xF5, 0x10])
        #expect(try register(0xF5) == 0x10)
    }

    @Test("a command during a measurement waits for its end; others and ctrl_hum are ignored until then")
    func pendingCommand() throws {
        try device.write([0xF4, 0b001_000_01])
        try device.write([0xF2, 0x01])
        try device.write([0xF4, 0b010_000_01])
        try device.write([0xF2, 0x05, 0xF4, 0b011_000_01])
        #expect(try device.read(3, from: 0xF2) == [0x01, 0x08, 0b001_000_01])
        clock.advance(by: .milliseconds(3))
        #expect(try device.read(3, from: 0xF2) == [0x01, 0x08, 0b010_000_01])
        clock.advance(by: .microseconds(7500))
        #expect(try device.read(3, from: 0xF2) == [0x01, 0x00, 0b010_000_00])
    }

    @Test("reset is the word 0xB6 and nothing else, and forgets everything")
    func reset() throws {
        try device.write([0xF2, 0x01, 0xF5, 0xA0, 0xF4, 0x25])
        clock.advance(by: .milliseconds(8))
        try device.write([0xE0, 0xB5])
        #expect(try register(0xF4) == 0x24)
        try device.write([0xE0, 0xB6])
        #expect(try device.read(4, from: 0xF2) == [0, 0x01, 0, 0])
        #expect(try device.read(8, from: 0xF7) == [0x80, 0, 0, 0x80, 0, 0, 0x80, 0])
    }

    @Test("a result has 16 bits without oversampling, and 20 with ×16 or the filter")
    func resolution() throws {
        wires.setAmbient(Ambient(celsius: 22, pascals: 99_001), at: 0x76)
        try device.write([0xF4, 0x25])
        clock.advance(by: .milliseconds(8))
        let coarse = try codes()
        #expect(coarse.t & 0xF == 0 && coarse.p & 0xF == 0)
        try device.write([0xF4, 0b101_101_01])
        clock.advance(by: .milliseconds(100))
        let fine = try codes()
        #expect(fine.t & 0xF != 0 && fine.p & 0xF != 0)
        try device.write([0xF5, 0b000_001_00, 0xF4, 0x25])
        clock.advance(by: .milliseconds(8))
        #expect(try codes().t == fine.t && codes().p == fine.p)
    }

    @Test("the filter takes its part of each new result and begins with the first one")
    func filter() throws {
        try device.write([0xF5, 0b000_010_00, 0xF4, 0x25])
        clock.advance(by: .milliseconds(8))
        let first = Int(try codes().t)
        wires.setAmbient(Ambient(celsius: 35), at: 0x76)
        let target = Int(BMx280Trimming().adcT(celsius: 35))
        try device.write([0xF4, 0x25])
        clock.advance(by: .milliseconds(8))
        #expect(Int(try codes().t) == (first * 3 + target) / 4)
        try device.write([0xF5, 0x00, 0xF4, 0x25])
        clock.advance(by: .milliseconds(8))
        #expect(abs(Int(try codes().t) - target) <= 8)
    }

    @Test("data that change during a read are shadowed until its end")
    func shadowing() {
        let begin = clock.instant
        let end = begin.advanced(by: .milliseconds(8))
        var model = BME280Model(ambient: Ambient(celsius: 40), poweredAt: begin)
        func point(at register: UInt8) {
            _ = model.start(reading: false, at: begin)
            _ = model.write(register, at: begin)
        }
        point(at: 0xF4)
        _ = model.write(0x25, at: begin)
        point(at: 0xF9)
        _ = model.start(reading: true, at: begin)
        #expect(model.read(at: begin) == 0)
        #expect(model.read(at: end) == 0x80)
        model.stop(at: end)
        _ = model.start(reading: false, at: end)
        _ = model.write(0xFA, at: end)
        _ = model.start(reading: true, at: end)
        #expect(model.read(at: end) > 0x80)
    }

    @Test("beyond what codes can express the code saturates, and nothing else is taken for a number")
    func saturation() throws {
        for (celsius, code) in [(-300.0, 0 as UInt32), (2000, 0xFFFFF), (.nan, nil)] as [(Double, UInt32?)] {
            wires.setAmbient(Ambient(celsius: celsius, relativeHumidity: celsius, pascals: celsius), at: 0x76)
            try device.write([0xF2, 0x01, 0xF4, 0b101_101_01])
            clock.advance(by: .milliseconds(100))
            if let code { #expect(try codes().t == code) }
        }
    }
}
