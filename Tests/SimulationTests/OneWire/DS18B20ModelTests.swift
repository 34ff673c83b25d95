// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import ChipModels
@testable import Simulation

@Suite("DS18B20Model")
struct DS18B20ModelTests {
    private static let id = "28-0316a279fcff"
    private static let serial: UInt64 = 0x0316_A279_FCFF
    private let host = OneWireHost()

    init() {
        host.line.attach(DS18B20Model(serial: Self.serial, celsius: 21.5))
    }

    /// A line with this one part.
    private static func host(_ part: DS18B20Model) -> OneWireHost {
        let host = OneWireHost()
        host.line.attach(part)
        return host
    }

    private static func converted(
        _ celsius: Double, _ family: DS18B20Model.Family = .ds18b20, settings: [UInt8] = []
    ) -> [UInt8] {
        let host = host(DS18B20Model(family, serial: 1, celsius: celsius))
        if !settings.isEmpty { host.command([0x4E] + settings) }
        host.command([0x44])
        host.wait(.milliseconds(750))
        return host.scratchpad()
    }

    @Test("after power-up it reads 85 °C with 0x0C in byte 6 and the factory's settings")
    func powerOn() {
        #expect(host.scratchpad() == [0x50, 0x05, 0x4B, 0x46, 0x7F, 0xFF, 0x0C, 0x10, 0x1C])
    }

    @Test(
        "the data sheet's temperatures give its codes",
        arguments: [
            // Table 1; checksums as the kernel computed them for such parts.
            (125.0, [0xD0, 0x07, 0x4B, 0x46, 0x7F, 0xFF, 0x10, 0x10, 0x55] as [UInt8]),
            (85.0, [0x50, 0x05, 0x4B, 0x46, 0x7F, 0xFF, 0x10, 0x10, 0xBD]),
            (25.0625, [0x91, 0x01, 0x4B, 0x46, 0x7F, 0xFF, 0x0F, 0x10, 0x25]),
            (10.125, [0xA2, 0x00, 0x4B, 0x46, 0x7F, 0xFF, 0x0E, 0x10, 0xE5]),
            (0.0, [0x00, 0x00, 0x4B, 0x46, 0x7F, 0xFF, 0x10, 0x10, 0x69]),
            (-0.5, [0xF8, 0xFF, 0x4B, 0x46, 0x7F, 0xFF, 0x08, 0x10, 0xF8]),
            (-25.0625, [0x6F, 0xFE, 0x4B, 0x46, 0x7F, 0xFF, 0x01, 0x10, 0x61]),
            (-55.0, [0x90, 0xFC, 0x4B, 0x46, 0x7F, 0xFF, 0x10, 0x10, 0xEE]),
        ])
    func codes(celsius: Double, bytes: [UInt8]) {
        #expect(Self.converted(celsius) == bytes)
    }

    @Test(
        "beyond its ends the part stops at them",
        arguments: [(200.0, 0x07D0), (-90.0, 0xFC90)] as [(Double, UInt16)])
    func saturation(celsius: Double, word: UInt16) {
        let bytes = Self.converted(celsius)
        #expect(UInt16(bytes[1]) << 8 | UInt16(bytes[0]) == word)
    }

    @Test(
        "fewer bits take less time and leave the low ones 0",
        arguments: [
            (0x1F, 93_750, 0x0158), (0x3F, 187_500, 0x015C), (0x5F, 375_000, 0x015E), (0x7F, 750_000, 0x015F),
        ] as [(UInt8, Int, UInt16)])
    func resolution(configuration: UInt8, microseconds: Int, word: UInt16) {
        let host = Self.host(DS18B20Model(serial: 1, celsius: 21.9375))
        host.command([0x4E, 0x4B, 0x46, configuration | 0x80])
        host.command([0x44])
        // One slot takes 70 µs, and the status is sampled at its end.
        host.wait(.microseconds(microseconds - 100))
        #expect(!host.slot())
        #expect(host.slot())
        let bytes = host.scratchpad()
        #expect(UInt16(bytes[1]) << 8 | UInt16(bytes[0]) == word)
        #expect(bytes[4] == configuration)
    }

    @Test("a result is that of its moment, and stays until the next conversion")
    func moment() {
        host.command([0x44])
        host.wait(.milliseconds(750))
        host.change(Self.id) { $0.setTemperature(30, at: $1) }
        #expect(host.scratchpad()[0] == 0x58)
        host.command([0x44])
        host.wait(.milliseconds(750))
        #expect(host.scratchpad()[0] == 0xE0)
    }

    @Test("Read ROM sends the number, Match ROM selects its own only, an unknown command nobody")
    func romCommands() {
        host.reset()
        host.write([0x33])
        let rom = host.read(8)
        #expect(rom == OneWireROM(family: 0x28, serial: Self.serial).bytes)
        host.write([0xBE])
        #expect(host.read(1) == [0x50])
        host.reset()
        host.write([0x55] + rom + [0xBE])
        #expect(host.read(1) == [0x50])
        host.reset()
        host.write([0x55] + rom.dropLast() + [rom[7] ^ 1, 0xBE])
        #expect(host.read(1) == [0xFF])
        host.reset()
        host.write([0x12, 0xBE])
        #expect(host.read(1) == [0xFF])
    }

    @Test("settings outlive a power cycle only when they were copied, and a recall brings the copy back")
    func eeprom() {
        host.command([0x4E, 0x20, 0xF0, 0x3F])
        #expect(host.scratchpad()[2...4] == [0x20, 0xF0, 0x3F])
        host.change(Self.id) { part, _ in part.resetPower() }
        #expect(host.scratchpad()[2...4] == [0x4B, 0x46, 0x7F])
        host.command([0x4E, 0x20, 0xF0, 0x3F])
        host.command([0x48])
        #expect(!host.slot())
        host.wait(.milliseconds(10))
        #expect(host.slot())
        host.command([0x4E, 0x00, 0x00, 0x7F])
        host.command([0xB8])
        #expect(host.slot())
        #expect(host.scratchpad()[2...4] == [0x20, 0xF0, 0x3F])
        host.change(Self.id) { part, _ in part.resetPower() }
        #expect(host.scratchpad()[2...4] == [0x20, 0xF0, 0x3F])
    }

    @Test("settings of which not all three bytes arrived are not taken")
    func shortWrite() {
        host.command([0x4E, 0x20, 0xF0])
        #expect(host.scratchpad()[2...4] == [0x4B, 0x46, 0x7F])
    }

    @Test("after the ninth byte, and after an unknown command, the line stays high")
    func silence() {
        _ = host.scratchpad()
        #expect(host.read(2) == [0xFF, 0xFF])
        host.command([0x99])
        #expect(host.read(1) == [0xFF])
    }

    @Test("the alarm search is heard only where the last result left T_L…T_H")
    func alarm() {
        #expect(host.heardAlarm == false)
        host.command([0x44])
        host.wait(.milliseconds(750))
        // 21.5 °C is below the factory's T_L of 70 °C.
        #expect(host.heardAlarm)
        host.command([0x4E, 0x20, 0x10, 0x7F])
        host.command([0x44])
        host.wait(.milliseconds(750))
        #expect(host.heardAlarm == false)
    }

    @Test(
        "a DS18S20 has half degrees, and counters for the sixteenths",
        arguments: [
            (85.0, [0xAA, 0x00, 0x4B, 0x46, 0xFF, 0xFF, 0x0C, 0x10]),
            (21.5, [0x2B, 0x00, 0x4B, 0x46, 0xFF, 0xFF, 0x04, 0x10]),
            (-0.5, [0xFF, 0xFF, 0x4B, 0x46, 0xFF, 0xFF, 0x04, 0x10]),
            (-25, [0xCE, 0xFF, 0x4B, 0x46, 0xFF, 0xFF, 0x0C, 0x10]),
            (21.75, [0x2C, 0x00, 0x4B, 0x46, 0xFF, 0xFF, 0x10, 0x10]),
        ] as [(Double, [UInt8])])
    func ds18s20(celsius: Double, bytes: [UInt8]) {
        let read = Self.converted(celsius, .ds18s20)
        #expect(Array(read.prefix(8)) == bytes)
        // DS18S20 data sheet: TEMP_READ - 0.25 + (COUNT_PER_C - COUNT_REMAIN) / COUNT_PER_C.
        let whole = Double(Int16(bitPattern: UInt16(read[1]) << 8 | UInt16(read[0])) >> 1)
        #expect(whole - 0.25 + Double(16 - Int(read[6])) / 16 == celsius)
    }
}

/// Supply and faults.
extension DS18B20ModelTests {
    @Test("a part says how it is fed")
    func supply() {
        let own = Self.host(DS18B20Model(serial: 1, celsius: 20))
        own.command([0xB4])
        #expect(own.slot())
        let parasite = Self.host(DS18B20Model(serial: 1, celsius: 20, supply: .parasite))
        parasite.command([0xB4])
        #expect(!parasite.slot())
    }

    @Test("a part that feeds on the line converts only under a strong pull-up that lasts")
    func parasite() {
        let host = Self.host(DS18B20Model(serial: 1, celsius: 20, supply: .parasite))
        host.command([0x44])
        host.line.setStrongPullup(true, at: host.now)
        host.wait(.milliseconds(750))
        host.line.setStrongPullup(false, at: host.now)
        #expect(host.scratchpad().prefix(2) == [0x40, 0x01])
        host.command([0x44])
        host.wait(.milliseconds(750))
        #expect(host.scratchpad().prefix(2) == [0x50, 0x05])
        host.command([0x44])
        host.line.setStrongPullup(true, at: host.now)
        host.wait(.milliseconds(400))
        host.line.setStrongPullup(false, at: host.now)
        host.wait(.milliseconds(400))
        #expect(host.scratchpad().prefix(2) == [0x50, 0x05])
    }

    @Test("flipped bits break the checksum, and it is good again without the fault")
    func flippedBits() {
        host.change(Self.id) { part, _ in part.fault = .flippedBits([0x00, 0x40]) }
        let bad = host.scratchpad()
        #expect(bad[1] == 0x45)
        #expect(CRC8.maxim(Array(bad.prefix(8))) != bad[8])
        host.change(Self.id) { part, _ in part.fault = nil }
        let good = host.scratchpad()
        #expect(CRC8.maxim(Array(good.prefix(8))) == good[8])
    }

    @Test("a part that never converts stays at 85 °C though it says that it is done")
    func neverConverts() {
        host.change(Self.id) { part, _ in part.fault = .neverConverts }
        host.command([0x44])
        #expect(!host.slot())
        host.wait(.milliseconds(750))
        #expect(host.slot())
        #expect(host.scratchpad() == [0x50, 0x05, 0x4B, 0x46, 0x7F, 0xFF, 0x0C, 0x10, 0x1C])
    }

    @Test("a part that holds the line low sends nine zeros")
    func sendsZeros() {
        host.change(Self.id) { part, _ in part.fault = .sendsZeros }
        #expect(host.scratchpad() == Array(repeating: 0, count: 9))
    }

    @Test("a cut cable is silence and ones, a short is no pulse and zeros, and both can be mended")
    func cable() {
        host.line.setCondition(.open, at: host.now)
        #expect(host.reset() == .silence)
        #expect(host.scratchpad() == Array(repeating: 0xFF, count: 9))
        host.line.setCondition(.shorted, at: host.now)
        #expect(host.reset() == .short)
        #expect(host.scratchpad() == Array(repeating: 0, count: 9))
        host.line.setCondition(.good, at: host.now)
        #expect(host.reset() == .presence)
        #expect(host.scratchpad()[0] == 0x50)
        host.line.detach(Self.id)
        #expect(host.reset() == .silence)
    }
}

extension OneWireHost {
    /// Whether anybody answers to the first bit of an alarm search.
    fileprivate var heardAlarm: Bool {
        reset()
        write([0xEC])
        let bits = [slot(), slot()]
        return bits != [true, true]
    }
}
