// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The kernel's name for this boot.
package enum BootID {
    /// Reads `/proc/sys/kernel/random/boot_id` below `root`, in lower case; `nil` where it is not there or not a UUID.
    ///
    /// Manual page random(4).
    package static func read(root: String = "/") -> String? {
        read(procRoot: SystemTree(root).path("/proc"))
    }

    /// Reads `sys/kernel/random/boot_id` below `procRoot`, which is `/proc` but in tests.
    package static func read(procRoot: String) -> String? {
        guard let text = SystemTree(procRoot).value("/sys/kernel/random/boot_id")?.lowercased() else {
            return nil
        }
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        guard groups.map(\.utf8.count) == [8, 4, 4, 4, 12] else { return nil }
        return groups.joined().utf8.allSatisfy(\.isLowercaseHexadecimal) ? text : nil
    }
}

extension UInt8 {
    /// Whether it is one of `0-9a-f` in ASCII.
    var isLowercaseHexadecimal: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self)
    }
}
