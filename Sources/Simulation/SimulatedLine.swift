// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO

/// A line in memory: reads back as it was set, and tells a model where there is one.
package final class SimulatedLine: OutputLine {
    private var active = false
    private let whenSet: (Bool) -> Void

    /// Makes an inactive line; `whenSet` is called with each value.
    package init(whenSet: @escaping (Bool) -> Void = { _ in }) {
        self.whenSet = whenSet
        whenSet(false)
    }

    /// Drives the line.
    package func set(active: Bool) {
        self.active = active
        whenSet(active)
    }

    /// Reads the line.
    package func isActive() -> Bool { active }
}
