// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// How both tiers write, for those who measure it.
package enum StoreSettings {
    /// The pragmas of the state file.
    package static var disk: [String] { Schema.current.settings }
    /// The pragmas of the young tier.
    package static var young: [String] { Schema.young.settings }
}
