// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Testing

@testable import ChipModels
@testable import Simulation

@Suite("Buses for tests")
struct TestBusTests {
    @Test("a scripted bus that is used as scripted has nothing to say")
    func followed() throws {
        let (bytes, deviations) = try ScriptedI2CBus.run([
            .write([1, 2], to: 0x48), .read([0], from: 0x48, returns: [3, 4]),
        ]) { bus in
            _ = try bus.transfer(to: 0x48, write: [1, 2], readCount: 0)
            return try bus.transfer(to: 0x48, write: [0], readCount: 2)
        }
        #expect(bytes == [3, 4])
        #expect(deviations == [])
    }

    @Test("steps left over and transfers off the script are told")
    func deviations() {
        let (_, leftOver) = ScriptedI2CBus.run([.write([1], to: 0x48)]) { _ in }
        #expect(leftOver.count == 1)
        let (_, surprise) = ScriptedI2CBus.run([]) { bus in
            #expect(throws: BusError.self) { try bus.transfer(to: 0x48, write: [1], readCount: 0) }
        }
        #expect(surprise.count == 1)
    }

    @Test("a recorded bus serves from inside a block, and says where it is too short")
    func recorded() throws {
        let bus = RecordedI2CBus(.registers([0x88: [1, 2, 3], 0x00: [9]]))
        #expect(try bus.transfer(to: 0x76, write: [0x89], readCount: 2) == [2, 3])
        let error = #expect(throws: BusError.self) { try bus.transfer(to: 0x76, write: [0], readCount: 2) }
        #expect(error?.kind == .shortTransfer)
        let frame = RecordedI2CBus(.frame([1, 2]))
        #expect(try frame.transfer(to: 0x44, write: [0x24], readCount: 0) == [])
        #expect(try frame.transfer(to: 0x44, write: [], readCount: 2) == [1, 2])
    }

    @Test("a recorded chip of byte registers is read on from block to block, one of word registers is not")
    func acrossBlocks() throws {
        let bytes = RecordedI2CBus(.registers([0xF3: [8], 0xF7: [1, 2, 3], 0x88: [4, 5, 6]]))
        #expect(try bytes.transfer(to: 0x76, write: [0xF7], readCount: 3) == [1, 2, 3])
        #expect(!bytes.wasAskedForMore)
        #expect(
            try bytes.transfer(to: 0x76, write: [0xF2], readCount: 8) == [0, 8, 0, 0, 0, 1, 2, 3])
        #expect(bytes.wasAskedForMore)
        let short = #expect(throws: BusError.self) {
            try bytes.transfer(to: 0x76, write: [0xF7], readCount: 4)
        }
        #expect(short?.kind == .shortTransfer)
        let shortAfterAnother = #expect(throws: BusError.self) {
            try bytes.transfer(to: 0x76, write: [0xF2], readCount: 9)
        }
        #expect(shortAfterAnother?.kind == .shortTransfer)
        let words = RecordedI2CBus(.registers([0x00: [9], 0x01: [0x60, 0xA0]]))
        let error = #expect(throws: BusError.self) { try words.transfer(to: 0x48, write: [0], readCount: 2) }
        #expect(error?.kind == .shortTransfer)
    }
}
