// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

/// Replies of Sensirion's chips: 16-bit words, most significant byte first, each followed by its checksum.
enum SensirionWords {
    /// The words of `bytes`; throws `.crcMismatch` for the first one whose checksum is wrong, `.shortRead` for a piece of one.
    ///
    /// SHT3x-DIS datasheet, 4.12.
    static func checked(_ bytes: [UInt8]) throws(SensorError) -> [UInt16] {
        guard bytes.count.isMultiple(of: 3) else {
            throw SensorError(.shortRead, "\(bytes.count) bytes are no words with checksums")
        }
        var words: [UInt16] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let crc = CRC8.sensirion(bytes[start..<start + 2])
            let word = UInt16(bytes[start]) << 8 | UInt16(bytes[start + 1])
            guard crc == bytes[start + 2] else {
                throw SensorError(
                    .crcMismatch,
                    "0x\(hex(word)) came with the checksum 0x\(hex(bytes[start + 2])), not 0x\(hex(crc))")
            }
            words.append(word)
        }
        return words
    }
}
