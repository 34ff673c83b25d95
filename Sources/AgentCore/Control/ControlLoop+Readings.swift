// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

extension ControlLoop {
    /// Takes readings in their order; returns what they mean for the thermostats.
    package func record(_ readings: [Reading]) -> [Temperature] {
        readings.flatMap { record($0) }
    }
}
