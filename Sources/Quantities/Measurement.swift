// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What was measured; each case fixes the unit of its value.
public enum Quantity: String, Sendable, Hashable, CaseIterable {
    /// Degrees Celsius.
    case temperature
    /// Relative humidity in percent.
    case relativeHumidity
    /// Pascal.
    case pressure

    /// The unit's symbol as people read it.
    public var unitSymbol: String {
        switch self {
        case .temperature: "°C"
        case .relativeHumidity: "%RH"
        case .pressure: "Pa"
        }
    }
}

/// Whether a value may be published as it is.
public enum Quality: Sendable, Hashable {
    /// Publish it.
    case good
    /// A value exists but needs confirmation before anybody acts on it or publishes it.
    case suspect(SuspectReason)
}

/// Why a value needs confirmation.
public enum SuspectReason: String, Sendable, Hashable {
    /// The code is the last one, up or down, of a format that cannot express more.
    case saturated
    /// The value equals what the part shows before its first conversion, and may also be real.
    case possiblePowerOnValue = "power_on_value"
    /// The code is legal but not one that a working part is likely to produce.
    case implausible

    /// Whether a second conversion can tell if the value is real.
    public var isRetryable: Bool { self != .saturated }
}

/// What a driver did to a value on its way.
public enum MeasurementFlag: String, Sendable, Hashable {
    /// A relative humidity just outside 0…100 % was limited to that range.
    case humidityClamped = "humidity_clamped"
    /// The code is the last one, up or down, of a format that cannot express more.
    case saturated
}

/// One quantity of one conversion: its value in the unit of `quantity`, or why there is none.
public struct Measurement: Sendable, Hashable {
    /// What was measured.
    public var quantity: Quantity
    /// The value in the unit of ``quantity``, or the kind of failure.
    ///
    /// Never an older value.
    public var value: Result<Double, SensorErrorKind>
    /// Whether the value may be published as it is.
    public var quality: Quality
    /// What the driver did to the value.
    public var flags: Set<MeasurementFlag>

    /// Makes a measurement with a value.
    public init(
        _ quantity: Quantity, _ value: Double, quality: Quality = .good, flags: Set<MeasurementFlag> = []
    ) {
        self.quantity = quantity
        self.value = .success(value)
        self.quality = quality
        self.flags = flags
    }

    /// Makes a measurement of a quantity that failed while others of the same conversion did not.
    public init(_ quantity: Quantity, failed kind: SensorErrorKind) {
        self.quantity = quantity
        self.value = .failure(kind)
        self.quality = .good
        self.flags = []
    }

    /// The value where it may be published as it is, else `nil`.
    public var goodValue: Double? {
        guard case .success(let value) = value, quality == .good else { return nil }
        return value
    }
}
