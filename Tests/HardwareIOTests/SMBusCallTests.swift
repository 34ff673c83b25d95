// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import HardwareIO

@Suite("SMBusCall")
struct SMBusCallTests {
    /// What i2c-stub can do: bytes, words and I²C blocks, no plain transfers.
    static let stub = I2CFunctions(rawValue: 0x0C7F_0000)

    @Test("a register read becomes the byte, word or block call of its length")
    func reads() {
        #expect(SMBusCall(write: [5], readCount: 1, functions: Self.stub) == .readByteData(command: 5))
        #expect(SMBusCall(write: [5], readCount: 2, functions: Self.stub) == .readWordData(command: 5))
        #expect(
            SMBusCall(write: [5], readCount: 26, functions: Self.stub) == .readBlock(command: 5, count: 26))
        #expect(SMBusCall(write: [], readCount: 1, functions: Self.stub) == .readByte)
    }

    @Test("a register write becomes the byte, word or block call of its length")
    func writes() {
        #expect(SMBusCall(write: [5], readCount: 0, functions: Self.stub) == .writeByte(5))
        #expect(
            SMBusCall(write: [5, 6], readCount: 0, functions: Self.stub) == .writeByteData(command: 5, 6))
        #expect(
            SMBusCall(write: [5, 6, 7], readCount: 0, functions: Self.stub)
                == .writeWordData(command: 5, first: 6, second: 7))
        #expect(
            SMBusCall(write: [5, 6, 7, 8], readCount: 0, functions: Self.stub)
                == .writeBlock(command: 5, [6, 7, 8]))
    }

    @Test("where the plain call is missing a block call with the same bytes takes its place")
    func substitutes() {
        let blocks: I2CFunctions = [.readBlock, .writeBlock]
        #expect(SMBusCall(write: [5], readCount: 2, functions: blocks) == .readBlock(command: 5, count: 2))
        #expect(
            SMBusCall(write: [5, 6, 7], readCount: 0, functions: blocks) == .writeBlock(command: 5, [6, 7]))
    }

    @Test(
        "what no call can put on the wire has no call",
        arguments: [([], 6), ([0x24, 0x00], 6), ([5], 33), ([UInt8](repeating: 0, count: 34), 0), ([], 0)])
    func impossible(write: [UInt8], readCount: Int) {
        #expect(SMBusCall(write: write, readCount: readCount, functions: Self.stub) == nil)
    }

    @Test("an adapter that can do nothing has no call")
    func nothing() {
        #expect(SMBusCall(write: [5], readCount: 2, functions: []) == nil)
    }
}
