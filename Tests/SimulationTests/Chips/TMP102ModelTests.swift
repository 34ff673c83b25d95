// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import TestClocks
import Testing

@testable import ChipModels
@testable import Simulation

@Suite("TMP102Model")
struct TMP102ModelTests {
    private let clock = VirtualTime()
    private let wires: VirtualI2CBus
    private let bus: InMemoryI2CBus

    init() {
        let clock = clock
        wires = VirtualI2CBus(clock: { clock.instant })
        bus = InMemoryI2CBus(wires, location: "test bus")
        wires.attach(TMP102Model(celsius: 21.5, poweredAt: clock.instant), at: 0x48)
    }

    private var device: I2CDevice { I2CDevice(bus: bus, address: 0x48) }

    private func set(_ celsius: Double) {
        wires.setAmbient(Ambient(celsius: celsius), at: 0x48)
    }

    @Test("registers after power-up are those of the data sheet")
    func resetValues() throws {
        #expect(try device.readWord(from: 1) == 0x60A0)
        #expect(try device.readWord(from: 2) == 0x4B00)
        #expect(try device.readWord(from: 3) == 0x5000)
    }

    @Test("the result is 0 °C until the first conversion ends, 26 ms after power-up")
    func firstConversion() throws {
        clock.advance(by: .microseconds(25_999))
        #expect(try device.readWord(from: 0) == 0)
        clock.advance(by: .microseconds(1))
        #expect(try device.readWord(from: 0) == 0x1580)
    }

    @Test("in continuous mode a result stays until the next conversion ends, four times a second")
    func continuous() throws {
        clock.advance(by: .milliseconds(30))
        set(-5.25)
        clock.advance(by: .milliseconds(240))
        #expect(try device.readWord(from: 0) == 0x1580)
        clock.advance(by: .milliseconds(6))
        #expect(try device.readWord(from: 0) == 0xFAC0)
    }

    @Test("asleep the chip converts only when told, and OS says when it is done")
    func oneShot() throws {
        clock.advance(by: .milliseconds(100))
        try device.writeWord(0x61A0, to: 1)
        #expect(try device.readWord(from: 1) == 0xE1A0)
        set(30)
        clock.advance(by: .seconds(60))
        #expect(try device.readWord(from: 0) == 0x1580)
        try device.writeWord(0xE1A0, to: 1)
        #expect(try device.readWord(from: 1) == 0x61A0)
        clock.advance(by: .milliseconds(25))
        #expect(try device.readWord(from: 0) == 0x1580)
        clock.advance(by: .milliseconds(1))
        #expect(try device.readWord(from: 0) == 0x1E00)
        #expect(try device.readWord(from: 1) == 0xE1A0)
    }

    @Test("a conversion under way is finished before the chip sleeps")
    func shutdownMidway() throws {
        clock.advance(by: .milliseconds(10))
        try device.writeWord(0x61A0, to: 1)
        #expect(try device.readWord(from: 1) == 0x61A0)
        clock.advance(by: .milliseconds(16))
        #expect(try device.readWord(from: 0) == 0x1580)
        #expect(try device.readWord(from: 1) == 0xE1A0)
    }

    @Test("the extended format begins with the conversion after EM was set, marked by bit 0")
    func extended() throws {
        clock.advance(by: .milliseconds(26))
        set(150)
        try device.writeWord(0x60B0, to: 1)
        #expect(try device.readWord(from: 0) == 0x1580)
        clock.advance(by: .milliseconds(250))
        #expect(try device.readWord(from: 0) == 0x4B01)
        #expect(try device.readWord(from: 1) & 0x0010 == 0x0010)
    }

    @Test("constant bits cannot be written, and the temperature register neither")
    func readOnlyBits() throws {
        try device.writeWord(0x1FFF, to: 1)
        #expect(try device.readWord(from: 1) & 0x600F == 0x6000)
        clock.advance(by: .seconds(1))
        try device.writeWord(0x1234, to: 0)
        try device.writeWord(0xABC0, to: 2)
        #expect(try device.readWord(from: 2) == 0xABC0)
    }

    @Test("the alert bit falls at T_high after the fault queue and rises below T_low")
    func alert() throws {
        try device.writeWord(0x68A0, to: 1)
        clock.advance(by: .seconds(2))
        set(80)
        clock.advance(by: .milliseconds(250))
        #expect(try device.readWord(from: 1) & 0x20 == 0x20)
        clock.advance(by: .milliseconds(250))
        #expect(try device.readWord(from: 1) & 0x20 == 0)
        set(75)
        clock.advance(by: .seconds(5))
        #expect(try device.readWord(from: 1) & 0x20 == 0)
        set(74.9)
        clock.advance(by: .seconds(5))
        #expect(try device.readWord(from: 1) & 0x20 == 0x20)
        try device.writeWord(0x6CA0, to: 1)
        #expect(try device.readWord(from: 1) & 0x20 == 0)
    }

    @Test("only two bits of the pointer count, it stays, and a third byte is an idle line")
    func pointer() throws {
        #expect(try device.readWord(from: 0x0F) == 0x5000)
        #expect(try device.readWord(from: 0x0B) == 0x5000)
        #expect(try bus.transfer(to: 0x48, write: [], readCount: 3) == [0x50, 0x00, 0xFF])
    }

    @Test("beyond the format's ends the code saturates")
    func saturation() throws {
        set(200)
        clock.advance(by: .milliseconds(26))
        #expect(try device.readWord(from: 0) == 0x7FF0)
        set(-300)
        clock.advance(by: .seconds(1))
        #expect(try device.readWord(from: 0) == 0x8000)
        set(.nan)
        clock.advance(by: .seconds(1))
        #expect(try device.readWord(from: 0) == 0x8000)
    }

    @Test("a power cycle forgets everything")
    func powerCycle() throws {
        try device.writeWord(0x61A0, to: 1)
        clock.advance(by: .seconds(1))
        let done: Bool? = wires.withModel(TMP102Model.self, at: 0x48) { model, now in
            model.resetPower(at: now)
            return true
        }
        #expect(done == true)
        #expect(try device.readWord(from: 0) == 0)
        #expect(try device.readWord(from: 1) == 0x60A0)
    }
}
