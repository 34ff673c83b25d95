// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What an adapter says that it can do.
///
/// It is no more than that: the kernel passes this on as the answer to `I2C_FUNCS`, and makes every message that a program
/// asks for all the same. Linux: include/uapi/linux/i2c.h.
package struct I2CAdapterFunctions: OptionSet, Sendable, Hashable {
    /// The bits as the kernel has them.
    package let rawValue: UInt32

    /// Takes the kernel's bits.
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Plain I²C and all SMBus calls that the kernel builds from it, with packet error checking.
    package static let all = Self(rawValue: 0x0EFF_000B)
    /// The SMBus calls of a PC's chipset: quick, byte, byte data, word data.
    package static let smbusWithoutBlocks = Self(rawValue: 0x007F_0000)
}
