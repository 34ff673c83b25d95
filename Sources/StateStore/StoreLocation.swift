// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Where the state lives.
package enum StoreLocation: Sendable, Hashable {
    /// In a database file at this path; its directory is made where it is missing.
    case file(String)
    /// In memory, gone with the process.
    case memory
}
