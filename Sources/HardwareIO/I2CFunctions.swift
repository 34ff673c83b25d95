// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What an adapter can do; the answer to `I2C_FUNCS`.
///
/// Linux: include/uapi/linux/i2c.h.
public struct I2CFunctions: OptionSet, Sendable {
    /// The bits as the kernel gives them.
    public let rawValue: UInt

    /// Takes the kernel's bits.
    public init(rawValue: UInt) { self.rawValue = rawValue }

    /// `I2C_RDWR`: messages of any length, joined by repeated STARTs.
    public static let plainTransfers = Self(rawValue: 0x0000_0001)
    /// The address byte alone.
    public static let quick = Self(rawValue: 0x0001_0000)
    /// One byte without a command.
    public static let readByte = Self(rawValue: 0x0002_0000)
    /// One byte, the command itself.
    public static let writeByte = Self(rawValue: 0x0004_0000)
    /// One byte after a command.
    public static let readByteData = Self(rawValue: 0x0008_0000)
    /// A command and one byte.
    public static let writeByteData = Self(rawValue: 0x0010_0000)
    /// Two bytes after a command.
    public static let readWordData = Self(rawValue: 0x0020_0000)
    /// A command and two bytes.
    public static let writeWordData = Self(rawValue: 0x0040_0000)
    /// Up to 32 bytes after a command.
    public static let readBlock = Self(rawValue: 0x0400_0000)
    /// A command and up to 32 bytes.
    public static let writeBlock = Self(rawValue: 0x0800_0000)
}
