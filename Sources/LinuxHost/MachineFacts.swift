// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc

/// What the machine says about itself, in the words and units of `dtmi:azure:DeviceManagement:DeviceInformation;1`.
///
/// What cannot be found out is ``unknown`` (texts) or `nil` (sizes), never invented.
package struct MachineFacts: Sendable, Hashable {
    /// The maker of the board or computer.
    package var manufacturer: String
    /// The board's or computer's name.
    package var model: String
    /// The version of the agent.
    package var swVersion: String
    /// The operating system's name and version.
    package var osName: String
    /// The kernel's name of the architecture, for example `aarch64`.
    package var processorArchitecture: String
    /// The maker of the processor core, for example `ARM`, `Intel`.
    package var processorManufacturer: String
    /// Size of the root file system in kilobytes of 1024 bytes.
    package var totalStorage: Double?
    /// Memory that the kernel can use, in kilobytes of 1024 bytes.
    package var totalMemory: Double?

    /// What stands for a text that cannot be found out.
    package static let unknown = "unknown"

    /// Makes facts from their parts.
    package init(
        manufacturer: String, model: String, swVersion: String, osName: String, processorArchitecture: String,
        processorManufacturer: String, totalStorage: Double?, totalMemory: Double?
    ) {
        self.manufacturer = manufacturer
        self.model = model
        self.swVersion = swVersion
        self.osName = osName
        self.processorArchitecture = processorArchitecture
        self.processorManufacturer = processorManufacturer
        self.totalStorage = totalStorage
        self.totalMemory = totalMemory
    }

    /// Reads the facts of the machine below `root`; `softwareVersion` is the agent's own.
    ///
    /// Sources, first that says something: board from `/proc/device-tree`, then `/sys/class/dmi/id`; system from
    /// `/etc/os-release`, `/usr/lib/os-release`, then the kernel's name; processor from `/proc/cpuinfo`; memory from
    /// `/proc/meminfo`. The architecture and the size of the file system are those of the running kernel.
    package static func read(softwareVersion: String, root: String = "/") -> MachineFacts {
        let tree = SystemTree(root)
        let board = Board(tree)
        let kernel = KernelName.current
        return MachineFacts(
            manufacturer: board.manufacturer ?? unknown, model: board.model ?? unknown,
            swVersion: softwareVersion,
            osName: OperatingSystem.name(tree) ?? kernel.map { "\($0.system) \($0.release)" } ?? unknown,
            processorArchitecture: kernel?.machine ?? unknown,
            processorManufacturer: Processor.manufacturer(tree.text("/proc/cpuinfo") ?? "") ?? unknown,
            totalStorage: fileSystemKibibytes(root),
            totalMemory: memoryKibibytes(tree.text("/proc/meminfo") ?? ""))
    }

    /// The value of `MemTotal`, which the kernel gives in KiB under the name kB.
    ///
    /// Manual page proc_meminfo(5).
    static func memoryKibibytes(_ meminfo: String) -> Double? {
        for line in meminfo.split(separator: "\n") where line.hasPrefix("MemTotal:") {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count == 3, words[2] == "kB", let value = UInt64(words[1]) else { return nil }
            return Double(value)
        }
        return nil
    }

    /// C function: `statvfs`.
    private static func fileSystemKibibytes(_ path: String) -> Double? {
        var status = statvfs()
        guard statvfs(path, &status) == 0, status.f_blocks > 0 else { return nil }
        return Double(status.f_blocks) * Double(status.f_frsize) / 1_024
    }
}

/// The kernel's name, release and architecture.
private struct KernelName {
    var system: String
    var release: String
    var machine: String

    /// C function: `uname`.
    static var current: KernelName? {
        var name = utsname()
        guard uname(&name) == 0 else { return nil }
        return KernelName(
            system: text(&name.sysname), release: text(&name.release), machine: text(&name.machine))
    }

    private static func text<Field>(_ field: inout Field) -> String {
        withUnsafeBytes(of: &field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
