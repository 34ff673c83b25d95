// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The 64 bits that tell one 1-Wire device from all others.
package struct OneWireROM: Sendable, Hashable {
    /// What kind of device it is: the first byte on the line.
    package let family: UInt8
    /// The serial number; only its low 48 bits count.
    package let serial: UInt64

    /// Names a device.
    package init(family: UInt8, serial: UInt64) {
        self.family = family
        self.serial = serial & 0xFFFF_FFFF_FFFF
    }

    /// The bytes in the order of the line: family, serial number lowest byte first, CRC.
    package var bytes: [UInt8] {
        let code = [family] + (0..<6).map { UInt8(truncatingIfNeeded: serial >> (8 * $0)) }
        return code + [CRC8.maxim(code)]
    }

    /// The name of the device's directory below the kernel's `bus/w1/devices`: `28-0316a279fcff`.
    package var id: String {
        Self.hex(UInt64(family), digits: 2) + "-" + Self.hex(serial, digits: 12)
    }

    /// The bit at `index` 0…63 in the order of the line.
    func bit(_ index: Int) -> Bool {
        bytes[index / 8] >> (index % 8) & 1 == 1
    }

    private static func hex(_ number: UInt64, digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
