// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The SMBus call with the same bytes on the wire as a plain transaction; SMBus specification 3.1, section 6.5.
public enum SMBusCall: Sendable, Hashable {
    /// One byte without a command.
    case readByte
    /// One byte, the command itself.
    case writeByte(UInt8)
    /// One byte after a command.
    case readByteData(command: UInt8)
    /// A command and one byte.
    case writeByteData(command: UInt8, UInt8)
    /// Two bytes; SMBus calls the first one on the wire the low one.
    case readWordData(command: UInt8)
    /// A command and two bytes, in the order of the wire.
    case writeWordData(command: UInt8, first: UInt8, second: UInt8)
    /// Up to 32 bytes after a command.
    case readBlock(command: UInt8, count: UInt8)
    /// A command and up to 32 bytes.
    case writeBlock(command: UInt8, [UInt8])

    /// The longest block.
    ///
    /// C: `I2C_SMBUS_BLOCK_MAX`.
    public static let longestBlock = 32

    /// Finds the call for a transaction on an adapter that can do `functions`, or `nil` where none has the same bytes.
    public init?(write: [UInt8], readCount: Int, functions: I2CFunctions) {
        let calls = Self.candidates(write: write, readCount: readCount)
        guard let match = calls.first(where: { functions.contains($0.needed) }) else { return nil }
        self = match
    }

    /// What the adapter must be able to do.
    public var needed: I2CFunctions {
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
