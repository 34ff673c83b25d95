// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Testing

@testable import ChipModels
@testable import Simulation

@Suite("MCP9808Model")
struct MCP9808ModelTests {
    private let bench = ModelBench(at: 0x18) {
        MCP9808Model(ambient: Ambient(celsius: 25), poweredAt: $0)
    }

    @Test("registers after power-up are those of the data sheet")
    func resetValues() throws {
        let words = try (0...7).map { try bench.word($0) }
        #expect(words == [0x001F, 0, 0, 0, 0, 0, 0x0054, 0x0400])
        #expect(try bench.byte(8) == 3)
        #expect(bench.settings(of: MCP9808Model.self) == [0, 0, 0, 0, 3])
    }

    @Test(
        "each resolution has its conversion time, and leaves the bits below it 0",
        arguments: [(0, 30, 0xC198), (1, 65, 0xC194), (2, 130, 0xC196), (3, 250, 0xC195)]
            as [(UInt8, Int, UInt16)])
    func resolutions(resolution: UInt8, milliseconds: Int, word: UInt16) throws {
        bench.set(25.32)
        try bench.device.write([8, resolution])
        #expect(try bench.byte(8) == resolution)
        bench.wait(.milliseconds(milliseconds) - .microseconds(1))
        #expect(try bench.word(5) == 0)
        bench.wait(.microseconds(1))
        #expect(try bench.word(5) == word)
        bench.set(50)
        bench.wait(.milliseconds(milliseconds))
        #expect(try bench.word(5) == 0xC320)
    }

    @Test("asleep the chip keeps its last result, awake it needs a whole conversion for the next")
    func shutdown() throws {
        bench.wait(.milliseconds(300))
        try bench.write(0x0100, 1)
        bench.set(-10)
        bench.wait(.seconds(60))
        #expect(try bench.word(5) == 0xC190)
        try bench.write(0x0000, 1)
        bench.wait(.milliseconds(249))
        #expect(try bench.word(5) == 0xC190)
        bench.wait(.milliseconds(1))
        #expect(try bench.word(5) == 0x3F60)
    }

    @Test(
        "three flags above the temperature compare it with the limits",
        arguments: [(19.75, 0x213C), (20, 0x0140), (25, 0x0190), (25.25, 0x4194), (30, 0xC1E0)]
            as [(Double, UInt16)])
    func flags(celsius: Double, word: UInt16) throws {
        try bench.write(0x0190, 2)
        try bench.write(0x0140, 3)
        try bench.write(0x01E0, 4)
        bench.set(celsius)
        bench.wait(.seconds(1))
        #expect(try bench.word(5) == word)
    }

    @Test("the hysteresis counts while the temperature falls")
    func hysteresis() throws {
        try bench.write(0x0200, 1)
        try bench.write(0x0190, 2)
        try bench.write(0x0140, 3)
        try bench.write(0x01E0, 4)
        let steps: [(Double, UInt16)] = [
            (30, 0xC000), (28.5, 0xC000), (28.4, 0x4000), (23.6, 0x4000), (23.5, 0), (18.5, 0),
            (18.4, 0x2000),
            (19.9, 0x2000), (20, 0),
        ]
        for (celsius, flags) in steps {
            bench.set(celsius)
            bench.wait(.seconds(1))
            #expect(try bench.word(5) & 0xE000 == flags, "\(celsius)")
        }
    }

    @Test("the alert status follows the flags, in interrupt mode their changes until it is cleared")
    func alertStatus() throws {
        bench.wait(.seconds(1))
        #expect(try bench.word(1) == 0)
        try bench.write(0x0008, 1)
        #expect(try bench.word(1) == 0x0018)
        try bench.write(0x0009, 1)
        #expect(try bench.word(1) == 0x0019)
        try bench.write(0x0029, 1)
        #expect(try bench.word(1) == 0x0009)
        bench.set(-5)
        bench.wait(.seconds(1))
        #expect(try bench.word(1) == 0x0019)
        try bench.write(0x000C, 1)
        #expect(try bench.word(1) == 0x000C)
    }

    @Test(
        "a lock stays until the power goes, keeps limits and settings, and lets the chip wake but not sleep")
    func locks() throws {
        try bench.write(0x0190, 4)
        try bench.write(0x0180, 1)
        #expect(try bench.word(1) == 0x0180)
        try bench.write(0x0000, 1)
        #expect(try bench.word(1) == 0x0080)
        try bench.write(0x0742, 1)
        #expect(try bench.word(1) == 0x00C0)
        for register in [2, 3, 4] as [UInt8] { try bench.write(0x0140, register) }
        #expect(bench.settings(of: MCP9808Model.self) == [0x00C0, 0, 0, 0x0190, 3])
        let done: Void? = bench.wires.withModel(MCP9808Model.self, at: 0x18) { $0.resetPower(at: $1) }
        #expect(done != nil)
        #expect(bench.settings(of: MCP9808Model.self) == [0, 0, 0, 0, 3])
    }

    @Test("only the bits that exist are stored, and ids and the temperature not at all")
    func storage() throws {
        try bench.write(0xFF3F, 1)
        for register in [2, 3, 4] as [UInt8] { try bench.write(0xFFFF, register) }
        try bench.device.write([8, 0xFE])
        #expect(bench.settings(of: MCP9808Model.self) == [0x070F, 0x1FFC, 0x1FFC, 0x1FFC, 2])
        for register in [0, 5, 6, 7] as [UInt8] {
            let before = try bench.word(register)
            try bench.write(0x5A5A, register)
            #expect(try bench.word(register) == before)
        }
    }

    @Test(
        "touching a register that the maker reserves is remembered", arguments: [0x09, 0x0F, 0x15] as [UInt8])
    func reserved(register: UInt8) throws {
        let isSpoiled = { bench.wires.withModel(MCP9808Model.self, at: 0x18) { model, _ in model.isSpoiled } }
        #expect(isSpoiled() == false)
        try bench.device.write([register])
        #expect(isSpoiled() == true)
    }

    @Test("beyond the format's ends the code saturates")
    func ends() throws {
        bench.set(400)
        bench.wait(.seconds(1))
        #expect(try bench.word(5) == 0xCFFF)
        bench.set(-400)
        bench.wait(.seconds(1))
        #expect(try bench.word(5) == 0x3000)
    }
}
