// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A sensor's name as the configuration file gives it.
public struct SensorName: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The text after `sensors.` in the configuration.
    public var text: String

    /// Makes a name from the configuration's text.
    public init(_ text: String) { self.text = text }

    /// The text that people read.
    public var description: String { text }

    /// Orders by value, ascending.
    public static func < (left: SensorName, right: SensorName) -> Bool { left.text < right.text }
}

/// Where a reading came from.
public enum Source: Sendable, Hashable {
    /// A chip on a bus or a file of the kernel: the driver's name and the place, for people.
    case hardware(driver: String, place: String)
    /// A chip model in memory; such a reading never drives a real output.
    case simulated(driver: String)

    /// Whether the value was made by a model.
    public var isSimulated: Bool {
        if case .simulated = self { true } else { false }
    }
}

/// All that one conversion of one sensor gave.
public struct Reading: Sendable, Hashable {
    /// The sensor's name in the configuration.
    public var sensor: SensorName
    /// The quantities of this conversion; each holds a value or its own failure.
    public var measurements: [Measurement]
    /// Where it came from.
    public var source: Source
    /// When the conversion ended.
    public var takenAt: Now

    /// Makes a reading from its parts.
    public init(sensor: SensorName, measurements: [Measurement], source: Source, takenAt: Now) {
        self.sensor = sensor
        self.measurements = measurements
        self.source = source
        self.takenAt = takenAt
    }

    /// The value of `quantity` where it may be published as it is, else `nil`.
    public func good(_ quantity: Quantity) -> Double? {
        measurements.first { $0.quantity == quantity }?.goodValue
    }
}
