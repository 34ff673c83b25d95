// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities
package import StrictJSON

/// The answer to `getMaxMinReport`, the model's object `tempReport`.
package struct MaxMinReport: Sendable, Hashable {
    /// The highest temperature, °C.
    package var maximum: Double
    /// The lowest temperature, °C.
    package var minimum: Double
    /// The mean of the samples, °C.
    package var average: Double
    /// When the first sample was taken.
    package var start: WallTime
    /// When the last sample was taken.
    package var end: WallTime

    /// Makes a report from its parts.
    package init(maximum: Double, minimum: Double, average: Double, start: WallTime, end: WallTime) {
        self.maximum = maximum
        self.minimum = minimum
        self.average = average
        self.start = start
        self.end = end
    }

    /// The answer's body.
    package var body: JSONValue {
        [
            "maxTemp": .double(maximum), "minTemp": .double(minimum), "avgTemp": .double(average),
            "startTime": .string(start.rfc3339), "endTime": .string(end.rfc3339),
        ]
    }
}
