// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// Tells once when the agent does its work: every sensor was tried, and the control loop has set its relays.
package struct Readiness: Sendable, Hashable {
    private var untried: Set<SensorName>
    private var hasTicked = false
    private var isTold = false

    /// Waits for the first result of each of these sensors and for the first tick.
    package init(sensors: some Sequence<SensorName>) { untried = Set(sensors) }

    /// Takes a result of a sensor, a reading or a failure; returns whether the agent is ready with that.
    package mutating func hasTried(_ sensor: SensorName) -> Bool {
        untried.remove(sensor)
        return becomesReady()
    }

    /// Takes a tick of the control loop; returns whether the agent is ready with that.
    package mutating func hasControlled() -> Bool {
        hasTicked = true
        return becomesReady()
    }

    private mutating func becomesReady() -> Bool {
        guard hasTicked, untried.isEmpty, !isTold else { return false }
        isTold = true
        return true
    }
}
