// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import TestClocks
import Testing

@testable import ChipModels
@testable import Simulation

@Suite("SimulatedHardware")
struct SimulatedHardwareTests {
    private let clock = VirtualTime()

    /// One-shot-free readings of both chips every ten minutes, as words of the wire.
    private func words(seed: UInt64) throws -> [UInt16] {
        let clock = VirtualTime()
        let hardware = SimulatedHardware(time: clock, seed: seed)
        let bus = try hardware.openI2C(.adapter(SimulatedHardware.adapterName))
        return try (0..<20).flatMap { _ in
            clock.advance(by: .seconds(600))
            return try [0x48, 0x49].map { try I2CDevice(bus: bus, address: $0).readWord(from: 0) }
        }
    }

    @Test("the same seed gives the same readings, another seed others")
    func deterministic() throws {
        let first = try words(seed: 1)
        #expect(try words(seed: 1) == first)
        #expect(try words(seed: 2) != first)
    }

    @Test("both rooms are lived in: believable, different, and slowly changing")
    func believable() throws {
        let celsius = try words(seed: 3).map { Double(Int16(bitPattern: $0) >> 4) * 0.0625 }
        #expect(celsius.allSatisfy { 10...30 ~= $0 })
        let living = stride(from: 0, to: 40, by: 2).map { celsius[$0] }
        let bedroom = stride(from: 1, to: 40, by: 2).map { celsius[$0] }
        #expect(zip(living, bedroom).allSatisfy { $0 > $1 })
        #expect(Set(living).count > 5)
        #expect(zip(living, living.dropFirst()).allSatisfy { abs($0 - $1) < 0.7 })
    }

    @Test("a heater at full power warms its room and no other")
    func heater() throws {
        let hardware = SimulatedHardware(time: clock, seed: 1)
        let other = hardware.withRoom(1) { $0.celsius } ?? .nan
        let before = hardware.withRoom(0) { room in
            room.heaterPower = 1
            return room.celsius
        }
        clock.advance(by: .seconds(1800))
        let after = hardware.withRoom(0) { $0.celsius }
        #expect(try #require(after) > #require(before) + 1)
        #expect(abs((hardware.withRoom(1) { $0.celsius } ?? .nan) - other) < 1)
        #expect(hardware.withRoom(7) { $0.celsius } == nil)
    }

    @Test("what the simulated machine lacks is refused with what it has")
    func refusals() {
        let hardware = SimulatedHardware(time: clock, seed: 1)
        let bus = #expect(throws: BusError.self) { try hardware.openI2C(.adapter("i915 gmbus")) }
        #expect(bus?.kind == .notFound)
        #expect(bus?.advice.contains("\"simulated\"") == true)
        let file = #expect(throws: BusError.self) { try hardware.openI2C(.deviceFile("/dev/i2c-1")) }
        #expect(file?.kind == .notFound)
        let device = #expect(throws: BusError.self) {
            try hardware.openSysfs(.oneWire(id: "28-0123456789ab"))
        }
        #expect(device?.kind == .notFound)
    }

    @Test("a heater's line warms its room and no other, and any line reads back as it was set")
    func lines() throws {
        let hardware = SimulatedHardware(time: clock, seed: 1)
        let use = LineUse(activeLow: false, consumer: "test")
        for line in [
            LineAddress(chip: SimulatedHardware.heaterChip, line: .offset(1)),
            LineAddress(chip: "pinctrl-bcm2711", line: .name("GPIO17")),
        ] {
            let output = try hardware.openLine(line, use)
            #expect(try !output.isActive())
            try output.set(active: true)
            #expect(try output.isActive())
        }
        #expect(hardware.withRoom(0) { $0.heaterPower } == 0.5)
        #expect(hardware.withRoom(1) { $0.heaterPower } == 1)
    }
}
