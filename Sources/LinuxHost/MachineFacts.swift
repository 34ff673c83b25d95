// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What the machine says about itself, in the words and units of `dtmi:azure:DeviceManagement:DeviceInformation;1`.
///
/// What cannot be found out is `unknown` (texts) or `nil` (sizes), never invented.
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
    /// The maker of the processor, for example `ARM`, `Intel`.
    package var processorManufacturer: String
    /// Size of the root file system in kilobytes of 1024 bytes.
    package var totalStorage: Double?
    /// Memory that the kernel can use, in kilobytes of 1024 bytes.
    package var totalMemory: Double?

    /// What stands for a text that cannot be found out.
    package static let unknown = "unknown"

    /// Reads the facts of the machine below `root`; `softwareVersion` is the agent's own.
    package static func read(softwareVersion: String, root: String = "/") -> MachineFacts {
        MachineFacts(
            manufacturer: unknown, model: unknown, swVersion: softwareVersion, osName: unknown,
            processorArchitecture: unknown, processorManufacturer: unknown, totalStorage: nil, totalMemory: nil)
    }
}
