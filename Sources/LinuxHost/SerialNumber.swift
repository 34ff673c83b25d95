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

    /// The number, printable ASCII.
    package var text: String
    /// Where it was found.
    package var origin: Origin

    /// Reads it below `root`; `nil` where nothing believable was found.
    package static func read(root: String = "/") -> SerialNumber? { nil }
}
