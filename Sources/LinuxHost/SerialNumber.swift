// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The machine's serial number and where it was found.
package struct SerialNumber: Sendable, Hashable {
    /// Where a serial number was found.
    package enum Origin: String, Sendable, Hashable {
        case deviceTree = "device tree"
        case product = "DMI product serial"
        case board = "DMI board serial"
        /// Derived from `/etc/machine-id` by a one-way function, so that the id itself is not disclosed.
        case machineID = "hash of machine-id"
    }

    /// The number, 4 to 64 printable ASCII characters.
    package var text: String
    /// Where it was found.
    package var origin: Origin

    /// Makes a serial number from its parts.
    package init(text: String, origin: Origin) {
        self.text = text
        self.origin = origin
    }

    /// Reads it below `root`; `nil` where nothing believable was found.
    ///
    /// The first believable one of: `/proc/device-tree/serial-number`; `/sys/class/dmi/id/product_serial` and
    /// `board_serial` (the kernel shows these two to root only); `/etc/machine-id`, hashed.
    package static func read(root: String = "/") -> SerialNumber? {
        let tree = SystemTree(root)
        let sources: [(Origin, String?)] = [
            (.deviceTree, tree.value("/proc/device-tree/serial-number")),
            (.product, tree.value("/sys/class/dmi/id/product_serial")),
            (.board, tree.value("/sys/class/dmi/id/board_serial")),
        ]
        for case (let origin, let text?) in sources where isBelievable(text) {
            return SerialNumber(text: text, origin: origin)
        }
        let files = ["/etc/machine-id", "/var/lib/dbus/machine-id"]
        return files.lazy.compactMap { tree.value($0).flatMap(derive) }.first.map {
            SerialNumber(text: $0, origin: .machineID)
        }
    }

    private static func isBelievable(_ text: String) -> Bool {
        (4...64).contains(text.utf8.count) && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
            && !DMI.isPlaceholder(text)
    }

    /// An id for this application on this machine: 32 hexadecimal digits; `nil` where `machineID` is not an id.
    ///
    /// As `sd_id128_get_machine_app_specific` makes it: HMAC-SHA-256 of the application's id with the machine's as key,
    /// cut to 16 bytes and marked as a UUID of version 4. Manual page machine-id(5): the id itself must not be exposed.
    static func derive(machineID: String) -> String? {
        let digits = Array(machineID.lowercased().utf8)
        guard digits.count == 32, digits.allSatisfy(\.isLowercaseHexadecimal) else { return nil }
        guard digits.contains(where: { $0 != digits[0] }) else { return nil }
        let key = stride(from: 0, to: 32, by: 2).compactMap {
            UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
        }
        var id = Array(SHA256.authenticate(applicationID, key: key).prefix(16))
        id[6] = id[6] & 0x0F | 0x40
        id[8] = id[8] & 0x3F | 0x80
        return id.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Drawn at random for this application; a change would change every derived serial number.
    private static let applicationID: [UInt8] = [
        0x5D, 0x1E, 0x8C, 0x37, 0xA2, 0x4F, 0x4B, 0x90, 0xB6, 0x0B, 0xE1, 0x74, 0x2A, 0xC9, 0x58, 0xF3,
    ]
}
