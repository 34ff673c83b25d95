// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// One look at the clocks, as the store needs it.
package struct StoreMoment: Sendable, Hashable {
    /// The kernel's boot.
    package var bootID: String
    /// The time since it began.
    package var sinceBoot: Duration
    /// The civil time, only where the clock is trusted.
    package var wall: WallTime?

    /// Makes a look at the clocks from its parts.
    package init(bootID: String, sinceBoot: Duration, wall: WallTime?) {
        self.bootID = bootID
        self.sinceBoot = sinceBoot
        self.wall = wall
    }
}
