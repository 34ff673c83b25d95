// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

/// A root directory of a machine that is not this one; removed with the test.
final class FakeTree: Sendable {
    let root: String

    init(_ files: [String: [UInt8]] = [:]) throws {
        root = NSTemporaryDirectory() + "linux-host-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        for (path, bytes) in files { try add(path, bytes) }
    }

    convenience init(text: [String: String]) throws { try self.init(text.mapValues { Array($0.utf8) }) }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func add(_ path: String, _ bytes: [UInt8]) throws {
        let url = URL(fileURLWithPath: root + path)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    static func raspberryPi4() throws -> FakeTree {
        try FakeTree(text: [
            "/proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0",
            "/proc/device-tree/compatible": "raspberrypi,4-model-b\0brcm,bcm2711\0",
            "/proc/device-tree/serial-number": "10000000abcdef01\0",
            "/proc/cpuinfo": """
            processor\t: 0
            BogoMIPS\t: 108.00
            Features\t: fp asimd evtstrm crc32 cpuid
            CPU implementer\t: 0x41
            CPU architecture: 8
            CPU variant\t: 0x0
            CPU part\t: 0xd08
            CPU revision\t: 3

            Hardware\t: BCM2835
            """,
            "/proc/meminfo": "MemTotal:        3884360 kB\nMemFree:         3012345 kB\n",
            "/etc/os-release":
                "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nID=debian\n",
            "/etc/machine-id": "0123456789abcdef0123456789abcdef\n",
        ])
    }

    static func raspberryPi5() throws -> FakeTree {
        try FakeTree(text: [
            "/proc/device-tree/model": "Raspberry Pi 5 Model B Rev 1.0\0",
            "/proc/device-tree/compatible": "raspberrypi,5-model-b\0brcm,bcm2712\0",
            "/proc/device-tree/serial-number": "d04c3a1b2e5f6071\0",
            "/proc/cpuinfo": "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0b\n",
            "/proc/meminfo": "MemTotal:        8245824 kB\n",
            "/etc/os-release": "NAME='Raspbian GNU/Linux'\nVERSION='12 (bookworm)'\n",
        ])
    }

    /// A PC whose maker filled in the board only.
    static func pc() throws -> FakeTree {
        try FakeTree(text: [
            "/sys/class/dmi/id/sys_vendor": "To Be Filled By O.E.M.\n",
            "/sys/class/dmi/id/product_name": "Default string\n",
            "/sys/class/dmi/id/product_serial": "System Serial Number\n",
            "/sys/class/dmi/id/board_vendor": "ASRock\n",
            "/sys/class/dmi/id/board_name": "B450M Pro4\n",
            "/sys/class/dmi/id/board_serial": "M80-C1234567\n",
            "/proc/cpuinfo": "processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel name\t: AMD Ryzen 5\n",
            "/proc/meminfo": "MemTotal:       16316416 kB\n",
            "/usr/lib/os-release": "# comment\nNAME=Fedora\nVERSION_ID=41\n",
        ])
    }

    static func virtualMachine() throws -> FakeTree {
        try FakeTree(text: [
            "/sys/class/dmi/id/sys_vendor": "QEMU\n",
            "/sys/class/dmi/id/product_name": "Standard PC (Q35 + ICH9, 2009)\n",
            "/sys/class/dmi/id/product_serial": "\n",
            "/proc/cpuinfo": "processor\t: 0\nvendor_id\t: GenuineIntel\n",
            "/etc/machine-id": "0123456789abcdef0123456789abcdef\n",
        ])
    }
}
