// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// A thermostat's target as it was last accepted.
package struct StoredTarget: Sendable, Hashable {
    /// Degrees Celsius; finite.
    package var celsius: Double
    /// The `$version` of the desired properties that it answers, or `nil` where it was not set by the hub.
    package var desiredVersion: Int64?
    /// The civil time of acceptance, or `nil` where no clock could be believed.
    package var acceptedAt: WallTime?

    /// Makes a target from its parts.
    package init(celsius: Double, desiredVersion: Int64?, acceptedAt: WallTime?) {
        self.celsius = celsius
        self.desiredVersion = desiredVersion
        self.acceptedAt = acceptedAt
    }
}
