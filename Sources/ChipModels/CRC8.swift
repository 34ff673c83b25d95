// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The checksum generators of the chip models, by polynomial division of the whole message.
///
/// Written apart from the drivers' checks, so that both cannot be wrong in the same way.
enum CRC8 {
    /// Sensirion and Aosong: polynomial 0x31, from 0xFF, most significant bit first.
    static func sensirion(_ bytes: [UInt8]) -> UInt8 { remainder(bytes, start: 0xFF) }

    /// Silicon Labs and TE: polynomial 0x31, from 0x00, most significant bit first.
    static func si(_ bytes: [UInt8]) -> UInt8 { remainder(bytes, start: 0x00) }

    /// Maxim: the same polynomial, from 0x00, every byte and the result with its bits reversed.
    static func maxim(_ bytes: [UInt8]) -> UInt8 {
        reversed(remainder(bytes.map(reversed), start: 0x00))
    }

    /// Words as Sensirion's chips send them: most significant byte first, each with its checksum.
    static func sensirionFrame(_ words: UInt16...) -> [UInt8] {
        words.flatMap { word in
            let bytes = [UInt8(word >> 8), UInt8(word & 0xFF)]
            return bytes + [sensirion(bytes)]
        }
    }

    private static func remainder(_ bytes: [UInt8], start: UInt8) -> UInt8 {
        var register: UInt16 = 0
        for (index, byte) in (bytes + [0]).enumerated() {
            let input = index == 0 ? byte ^ start : byte
            for bit in (0..<8).reversed() {
                register = register << 1 | UInt16(input >> bit & 1)
                if register & 0x100 != 0 { register ^= 0x131 }
            }
        }
        return UInt8(truncatingIfNeeded: register)
    }

    private static func reversed(_ byte: UInt8) -> UInt8 {
        (0..<8).reduce(0) { $0 << 1 | byte >> $1 & 1 }
    }
}
