// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The memory of this process that is in RAM.
package enum WorkingSet {
    /// Resident set size in kibibytes, or `nil` where `/proc` is not mounted.
    package static func kibibytes() -> Double? { nil }
}
