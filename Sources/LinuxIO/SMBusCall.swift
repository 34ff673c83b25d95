// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO

/// What an adapter can do; the answer to `I2C_FUNCS`.
///
/// Linux: include/uapi/linux/i2c.h.
struct I2CFunctions: OptionSet, Sendable {
    let rawValue: UInt

    static let plainTransfers = Self(rawValue: 0x0000_0001)
    static let readByte = Self(rawValue: 0x0002_0000)
    static let writeByte = Self(rawValue: 0x0004_0000)
    static let readByteData = Self(rawValue: 0x0008_0000)
    static let writeByteData = Self(rawValue: 0x0010_0000)
    static let readWordData = Self(rawValue: 0x0020_0000)
    static let writeWordData = Self(rawValue: 0x0040_0000)
    static let readBlock = Self(rawValue: 0x0400_0000)
    static let writeBlock = Self(rawValue: 0x0800_0000)
}

/// The SMBus call with the same bytes on the wire as a plain transaction; SMBus specification 3.1, section 6.5.
enum SMBusCall: Hashable {
    case readByte
    case writeByte(UInt8)
    case readByteData(command: UInt8)
    case writeByteData(command: UInt8, UInt8)
    /// Two bytes; SMBus calls the first one on the wire the low one.
    case readWordData(command: UInt8)
    case writeWordData(command: UInt8, first: UInt8, second: UInt8)
    case readBlock(command: UInt8, count: UInt8)
    case writeBlock(command: UInt8, [UInt8])

    /// The longest block.
    ///
    /// C: `I2C_SMBUS_BLOCK_MAX`.
    static let longestBlock = 32

    /// Finds the call for a transaction on an adapter that can do `functions`, or `nil` where none has the same bytes.
    init?(write: [UInt8], readCount: Int, functions: I2CFunctions) {
        let calls = Self.candidates(write: write, readCount: readCount)
        guard let match = calls.first(where: { functions.contains($0.needed) }) else { return nil }
        self = match
    }

    /// What the adapter must be able to do.
    var needed: I2CFunctions {
        switch self {
        case .readByte: .readByte
        case .writeByte: .writeByte
        case .readByteData: .readByteData
        case .writeByteData: .writeByteData
        case .readWordData: .readWordData
        case .writeWordData: .writeWordData
        case .readBlock: .readBlock
        case .writeBlock: .writeBlock
        }
    }

    /// All calls with these bytes on the wire, the plainest first.
    private static func candidates(write: [UInt8], readCount: Int) -> [SMBusCall] {
        guard let command = write.first else { return readCount == 1 ? [.readByte] : [] }
        let data = Array(write.dropFirst())
        switch (data.count, readCount) {
        case (0, 0): return [.writeByte(command)]
        case (0, 1): return [.readByteData(command: command), .readBlock(command: command, count: 1)]
        case (0, 2): return [.readWordData(command: command), .readBlock(command: command, count: 2)]
        case (0, 3...longestBlock): return [.readBlock(command: command, count: UInt8(readCount))]
        case (1, 0): return [.writeByteData(command: command, data[0]), .writeBlock(command: command, data)]
        case (2, 0):
            return [
                .writeWordData(command: command, first: data[0], second: data[1]),
                .writeBlock(command: command, data),
            ]
        case (3...longestBlock, 0): return [.writeBlock(command: command, data)]
        default: return []
        }
    }
}
