// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

extension Measurement {
    /// A relative humidity out of a formula that ends a little outside 0…100 %: limited to that range, and flagged where it was.
    ///
    /// Values just outside come from the tolerance of the part, not from a fault; Si7021-A20 datasheet 5.1.1.
    static func limitedHumidity(_ percent: Double) -> Measurement {
        guard !(0...100 ~= percent) else { return Measurement(.relativeHumidity, percent) }
        return Measurement(.relativeHumidity, percent < 0 ? 0 : 100, flags: [.humidityClamped])
    }

    /// A temperature within `range`; throws `.outOfRange` outside.
    static func temperature(
        _ celsius: Double, within range: ClosedRange<Double>
    ) throws(SensorError) -> Measurement {
        guard range.contains(celsius) else {
            throw SensorError(
                .outOfRange,
                "\(celsius) °C is outside \(range.lowerBound)…\(range.upperBound) °C")
        }
        return Measurement(.temperature, celsius)
    }
}
