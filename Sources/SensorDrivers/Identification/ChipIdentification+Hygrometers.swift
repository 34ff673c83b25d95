// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO

extension ChipIdentification {
    /// What the serial number of an SHT4x takes, and as much again: 1 ms.
    private static let serialNumberTime = Duration.milliseconds(2)

    /// 0x38: AHT20 by the constant bits of its status, by bare reads only, because a PCF8574A takes a byte for its outputs.
    ///
    /// Aosong DHT20 v1.0: a bare read begins with the status, of which bits 4 and 3 are set once it is calibrated.
    static func hygrometerWithoutID(_ inquiry: inout Inquiry) throws(SensorError) -> ChipIdentity? {
        guard let status = try inquiry.read(1)?.first, status & 0x18 == 0x18, status != 0xFF else {
            return nil
        }
        // A port expander shows its pins in every byte, and those may look like that status.
        guard let result = try inquiry.read(7), result.contains(where: { $0 != status }) else { return nil }
        return .known("aht20")
    }

    /// 0x40 and 0x41: HDC2080 and HDC1080 by their ids, then Si7021 and its relatives by the electronic id.
    ///
    /// 0xFE, which resets an Si7021, is read only after 0xFF has shown an HDC1080; a PCA9685 would take the two bytes of the
    /// Si7021's command for its outputs, so those are sent only to a chip whose user register looks like one.
    static func hygrometerWithRegisters(_ inquiry: inout Inquiry) throws(SensorError) -> ChipIdentity? {
        // Least significant byte first: manufacturer 0x5449, device 0x07D0. TI SNAS678.
        if try inquiry.word(at: 0xFC) == 0x4954, try inquiry.word(at: 0xFE) == 0xD007 {
            return .known("hdc2080")
        }
        // TI SNAS672A; this one has a single address.
        if inquiry.device.address == 0x40, try inquiry.word(at: 0xFF) == 0x1050 {
            return try inquiry.word(at: 0xFE) == 0x5449 ? .known("hdc1080") : nil
        }
        // Bit 1 reads 1 in all of them after power-up.
        guard let user = try inquiry.byte(at: 0xE7), user & 0x02 != 0, user != 0xFF else { return nil }
        return try electronicID(&inquiry)
    }

    /// The second half of the electronic id, whose first byte names the part.
    ///
    /// Silicon Labs Si7021-A20 rev 1.1. The HTU21D's 0x32 is in no datasheet, so it proves nothing.
    private static func electronicID(_ inquiry: inout Inquiry) throws(SensorError) -> ChipIdentity? {
        guard let reply = try inquiry.read(6, after: [0xFC, 0xC9]),
            // The second checksum goes on from the first; zeros would pass both.
            CRC8.si(reply[0...1]) == reply[2], CRC8.si(reply[0...1] + reply[3...4]) == reply[5],
            reply.contains(where: { $0 != 0 })
        else { return nil }
        switch reply[0] {
        case 0x0D: return .known("si7013")
        case 0x14: return .known("si7020")
        case 0x15: return .known("si7021")
        // Engineering samples.
        case 0x00, 0xFF: return .ambiguous("si7021", others: ["si7013", "si7020"])
        case 0x32: return .ambiguous("htu21d", others: ["sht20", "sht21"])
        default: return nil
        }
    }

    /// 0x44…0x46: SHT3x by its status, then SHT4x by its serial number, each only with valid checksums.
    ///
    /// Sensirion SHT3x-DIS v5, 4.11; embedded-sht `sht4x.c`.
    static func hygrometerWithChecksums(
        _ inquiry: inout Inquiry, pause: (Duration) async -> Void
    ) async throws(SensorError) -> ChipIdentity? {
        if inquiry.device.address != 0x46, let status = try inquiry.read(3, after: [0xF3, 0x2D]),
            isValid(status)
        {
            return .known("sht3x")
        }
        guard try inquiry.write([0x89]) else { return nil }
        await pause(serialNumberTime)
        guard let serial = try inquiry.read(6), isValid(serial) else { return nil }
        return .known("sht4x")
    }

    /// Whether every two bytes are followed by their checksum.
    private static func isValid(_ reply: [UInt8]) -> Bool {
        stride(from: 0, to: reply.count, by: 3).allSatisfy { start in
            start + 2 < reply.count && CRC8.sensirion(reply[start...start + 1]) == reply[start + 2]
        }
    }
}
