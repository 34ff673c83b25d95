// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
import Quantities

/// A room that cools towards the weather and is warmed by a heater: a first-order thermal model.
package struct Room: Sendable, Hashable {
    /// What the room is like; temperatures in °C.
    package struct Properties: Sendable, Hashable {
        /// After this time with everything else constant, 63 % of a difference to the outside is gone; at least one second.
        package var timeConstant: Duration = .seconds(2 * 3600)
        /// How much warmer than outside the heater at full power makes the room in the end, in K.
        package var heaterRise = 26.0
        /// The day's mean outside.
        package var outdoorMean = 8.0
        /// How far the day's warmest and coldest moments are from the mean, in K.
        package var outdoorSwing = 5.0
        /// The time of day when it is warmest outside.
        package var warmestAt: Duration = .seconds(15 * 3600)
        /// The standard deviation of what a sensor in the room sees, in K.
        package var sensorNoise = 0.03

        /// The properties of an ordinary room in spring.
        package init() {}
    }

    /// What the room is like.
    package let properties: Properties
    /// The temperature of the air, in °C.
    package private(set) var celsius: Double
    /// The time since midnight, below 24 hours.
    package private(set) var timeOfDay: Duration
    /// The heater's power as a part of its full power, 0…1.
    package var heaterPower: Double {
        didSet { heaterPower = heaterPower.isFinite ? min(1, max(0, heaterPower)) : oldValue }
    }

    private static let day = Duration.seconds(24 * 3600)
    /// Short against the time constants of weather and walls, so that the weather may count as constant within.
    private static let longestStep = Duration.seconds(60)

    /// Makes a room with its heater at `heaterPower`.
    package init(
        _ properties: Properties = Properties(), celsius: Double, heaterPower: Double = 0.5,
        timeOfDay: Duration = .seconds(8 * 3600)
    ) {
        self.properties = properties
        self.celsius = celsius
        self.heaterPower = heaterPower.isFinite ? min(1, max(0, heaterPower)) : 0
        self.timeOfDay = timeOfDay
    }

    /// The temperature outside now, in °C: a daily sine.
    package var outdoorCelsius: Double { outdoor(at: timeOfDay) }

    /// Lets `duration` pass; not positive does nothing.
    package mutating func step(by duration: Duration) {
        // After ten days nothing is left of where the room began: longer gaps only turn the clock.
        var rest = duration
        if rest > Self.day * 10 {
            timeOfDay = Self.wrapped(timeOfDay + (rest - Self.day * 10))
            rest = Self.day * 10
        }
        while rest > .zero {
            let part = min(rest, Self.longestStep)
            let balance = outdoor(at: timeOfDay + part / 2) + properties.heaterRise * heaterPower
            let timeConstant = max(1, properties.timeConstant.seconds)
            celsius = balance + (celsius - balance) * exp(-part.seconds / timeConstant)
            timeOfDay = Self.wrapped(timeOfDay + part)
            rest -= part
        }
    }

    /// What a sensor in the room sees: the air's temperature with a little noise.
    package func sensed(using generator: inout some RandomNumberGenerator) -> Double {
        // The sum of twelve uniform numbers has variance 1 and never strays far.
        let deviation = (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &generator) }
        return celsius + properties.sensorNoise * deviation
    }

    private func outdoor(at time: Duration) -> Double {
        let phase = (time - properties.warmestAt).seconds / Self.day.seconds
        return properties.outdoorMean + properties.outdoorSwing * cos(2 * .pi * phase)
    }

    private static func wrapped(_ time: Duration) -> Duration {
        let days = (time.seconds / day.seconds).rounded(.down)
        return time - day * Int(days)
    }
}
