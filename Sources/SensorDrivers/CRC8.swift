// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The 8-bit checksums of the chips: x⁸ + x⁵ + x⁴ + 1 in all of them, but not in the same bit order or from the same start.
enum CRC8 {
    /// Sensirion and Aosong: most significant bit first, from 0xFF.
    ///
    /// SHT3x-DIS datasheet, 4.12; BE EF gives 92.
    static func sensirion(_ bytes: some Sequence<UInt8>) -> UInt8 { forward(bytes, from: 0xFF) }

    /// Silicon Labs and TE: most significant bit first, from 0x00.
    ///
    /// Si7021-A20 datasheet, 5.1; 68 3A gives 7C. Zeros pass it: an all-zero frame has to be refused by other means.
    static func si(_ bytes: some Sequence<UInt8>) -> UInt8 { forward(bytes, from: 0x00) }

    /// Maxim: least significant bit first, from 0x00.
    ///
    /// Maxim application note 27.
    static func maxim(_ bytes: some Sequence<UInt8>) -> UInt8 {
        bytes.reduce(0) { crc, byte in
            (0..<8).reduce(crc ^ byte) { value, _ in value & 1 != 0 ? value >> 1 ^ 0x8C : value >> 1 }
        }
    }

    private static func forward(_ bytes: some Sequence<UInt8>, from start: UInt8) -> UInt8 {
        bytes.reduce(start) { crc, byte in
            (0..<8).reduce(crc ^ byte) { value, _ in value & 0x80 != 0 ? value << 1 ^ 0x31 : value << 1 }
        }
    }
}
