// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import TestClocks
import Testing

@testable import ChipModels
@testable import Simulation

@Suite("DS2482Model")
struct DS2482ModelTests {
    private let clock = VirtualTime()
    private let wires: VirtualI2CBus
    private let bus: InMemoryI2CBus

    init() {
        let clock = clock
        wires = VirtualI2CBus(clock: { clock.instant })
        bus = InMemoryI2CBus(wires, location: "test bus")
        wires.attach(DS2482Model(), at: 0x18)
    }

    private var device: I2CDevice { I2CDevice(bus: bus, address: 0x18) }

    private func attach(_ parts: DS18B20Model...) {
        change { line, _ in
            for part in parts { line.attach(part) }
        }
    }

    private func change(_ body: @Sendable (inout OneWireLine, ContinuousClock.Instant) -> Void) {
        let found: Void? = wires.withModel(DS2482Model.self, at: 0x18) { body(&$0.line, $1) }
        #expect(found != nil)
    }

    private func register(_ code: UInt8? = nil) throws -> UInt8 {
        if let code { try device.write([0xE1, code]) }
        return try bus.transfer(to: 0x18, write: [], readCount: 1)[0]
    }

    /// Sends a command, waits until the bridge is idle again and returns its status.
    @discardableResult
    private func command(_ bytes: UInt8...) throws -> UInt8 {
        try device.write(bytes)
        clock.advance(by: .milliseconds(2))
        return try register()
    }

    private func writeOneWire(_ bytes: [UInt8]) throws {
        for byte in bytes { try command(0xA5, byte) }
    }

    private func readOneWire(_ count: Int) throws -> [UInt8] {
        try (0..<count).map { _ in
            try command(0x96)
            return try register(0xE1)
        }
    }

    /// A search with triplets: Maxim, application note 187.
    private func foundIDs() throws -> [String] {
        var found: [String] = []
        var path: [Bool] = []
        repeat {
            #expect(try command(0xB4) & 0x02 != 0)
            try writeOneWire([0xF0])
            var bits: [Bool] = []
            var lastFork: Int?
            for index in 0..<64 {
                let wanted = index < path.count ? path[index] : false
                let status = try command(0x78, wanted ? 0x80 : 0x00)
                #expect(status & 0x60 != 0x60, "nobody answered at bit \(index)")
                bits.append(status & 0x80 != 0)
                if status & 0x60 == 0, !bits[index] { lastFork = index }
            }
            let bytes = (0..<8).map { byte in (0..<8).reduce(0) { $0 | (bits[byte * 8 + $1] ? 1 : 0) << $1 } }
            let serial = bytes[1...6].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let rom = OneWireROM(family: UInt8(bytes[0]), serial: serial)
            #expect(rom.bytes.map(Int.init) == bytes)
            found.append(rom.id)
            path = lastFork.map { bits[..<$0] + [true] } ?? []
        } while !path.isEmpty
        return found
    }

    @Test("after power-up and after a device reset only RST and the line's level are set")
    func reset() throws {
        #expect(try register() == 0x18)
        #expect(try command(0xD2, 0xE1) == 0x01)
        #expect(try register(0xF0) == 0x08)
        #expect(try command(0xF0) == 0x18)
        #expect(try register(0xC3) == 0)
    }

    @Test("the configuration is taken only with its complement, and read back without")
    func configuration() throws {
        try device.write([0xD2, 0xA5])
        #expect(try register() == 0x05)
        #expect(throws: BusError.self) { try device.write([0xD2, 0x05]) }
        #expect(throws: BusError.self) { try device.write([0xD2, 0xE0]) }
        #expect(try register(0xC3) == 0x05)
    }

    @Test(
        "commands and pointers that are not its own are not acknowledged, the eight-channel part's least of all"
    )
    func unknown() throws {
        for bytes in [
            [0x00], [0xC3, 0x87], [0xE1, 0xD2], [0xF0, 0x00], [0xB4, 0x00], [0x87, 0x80, 0x00],
        ] as [[UInt8]] {
            #expect(throws: BusError.self, "\(bytes)") { try device.write(bytes) }
            clock.advance(by: .milliseconds(2))
        }
    }

    @Test("a reset finds who is there, and a short is no presence")
    func presence() throws {
        #expect(try command(0xB4) & 0x0F == 0x08)
        attach(DS18B20Model(serial: 1, celsius: 20))
        #expect(try command(0xB4) & 0x0F == 0x0A)
        change { $0.setCondition(.shorted, at: $1) }
        #expect(try command(0xB4) & 0x0F == 0x04)
        change { $0.setCondition(.good, at: $1) }
        #expect(try command(0xB4) & 0x0F == 0x0A)
    }

    @Test("while slots are on the line it says busy and takes no command that needs the line")
    func busy() throws {
        attach(DS18B20Model(serial: 1, celsius: 20))
        try device.write([0xB4])
        #expect(try register() & 0x01 == 1)
        for bytes in [[0xB4], [0xD2, 0xE1], [0x87, 0x80], [0xA5, 0xCC], [0x96], [0x78, 0x00]] as [[UInt8]] {
            #expect(throws: BusError.self, "\(bytes)") { try device.write(bytes) }
        }
        #expect(try register(0xC3) == 0)
        clock.advance(by: .microseconds(1184))
        #expect(try register(0xF0) & 0x01 == 0)
        try device.write([0xA5, 0xCC])
        clock.advance(by: .microseconds(554))
        #expect(try register() & 0x01 == 1)
        clock.advance(by: .microseconds(1))
        #expect(try register() & 0x01 == 0)
    }

    @Test("a thermometer behind it converts and is read byte by byte")
    func thermometer() throws {
        attach(DS18B20Model(serial: 1, celsius: 21.5))
        try command(0xB4)
        try writeOneWire([0xCC, 0x44])
        #expect(try command(0x87, 0x80) & 0x20 == 0)
        clock.advance(by: .milliseconds(750))
        #expect(try command(0x87, 0x80) & 0x20 == 0x20)
        try command(0xB4)
        try writeOneWire([0xCC, 0xBE])
        let bytes = try readOneWire(9)
        #expect(
            bytes == [0x58, 0x01, 0x4B, 0x46, 0x7F, 0xFF, 0x08, 0x10] + [CRC8.maxim(Array(bytes.prefix(8)))])
    }

    @Test("a search by triplets finds every device once, whatever its number")
    func search() throws {
        attach(
            DS18B20Model(serial: 0x0316_A279_FCFF, celsius: 20), DS18B20Model(serial: 0, celsius: 20),
            DS18B20Model(serial: 0x8000_0000_0000, celsius: 20),
            DS18B20Model(serial: 0x0316_A279_FCFE, celsius: 20),
            DS18B20Model(.ds18s20, serial: 0x0316_A279_FCFF, celsius: 20),
            DS18B20Model(.ds1822, serial: 0xFFFF_FFFF_FFFF, celsius: 20))
        let found = try foundIDs()
        #expect(found.count == 6)
        #expect(
            Set(found) == [
                "28-0316a279fcff", "28-000000000000", "28-800000000000", "28-0316a279fcfe", "10-0316a279fcff",
                "22-ffffffffffff",
            ])
        change { line, _ in line.detach("28-000000000000") }
        #expect(try foundIDs().count == 5)
    }

    @Test("a triplet that nobody answers reads two ones and writes one")
    func lonelyTriplet() throws {
        #expect(try command(0x78, 0x00) & 0xE0 == 0xE0)
    }

    @Test("two devices that send at once give the zeros of both")
    func wiredAnd() throws {
        attach(DS18B20Model(serial: 0x0F, celsius: 20), DS18B20Model(serial: 0x33, celsius: 20))
        try command(0xB4)
        try writeOneWire([0x33])
        #expect(try readOneWire(2) == [0x28, 0x03])
    }

    @Test(
        "the strong pull-up feeds a part after its command and ends with the next activity, and SPU with it")
    func strongPullup() throws {
        attach(DS18B20Model(serial: 1, celsius: 21.5, supply: .parasite))
        try command(0xB4)
        try writeOneWire([0xCC])
        try device.write([0xD2, 0xA5])
        try writeOneWire([0x44])
        clock.advance(by: .milliseconds(750))
        #expect(try register(0xC3) == 0x05)
        try command(0xB4)
        #expect(try register(0xC3) == 0x01)
        try writeOneWire([0xCC, 0xBE])
        #expect(try readOneWire(2) == [0x58, 0x01])
    }

    @Test("without SPU a part that feeds on the line falls back to 85 °C")
    func noStrongPullup() throws {
        attach(DS18B20Model(serial: 1, celsius: 21.5, supply: .parasite))
        try command(0xB4)
        try writeOneWire([0xCC, 0x44])
        clock.advance(by: .milliseconds(750))
        try command(0xB4)
        try writeOneWire([0xCC, 0xBE])
        #expect(try readOneWire(2) == [0x50, 0x05])
    }

    @Test("at overdrive speed nobody on the line answers")
    func overdrive() throws {
        attach(DS18B20Model(serial: 1, celsius: 20))
        try device.write([0xD2, 0x78])
        #expect(try command(0xB4) & 0x06 == 0)
        #expect(try readOneWire(1) == [0xFF])
        try device.write([0xD2, 0xF0])
        #expect(try command(0xB4) & 0x06 == 0x02)
    }
}
