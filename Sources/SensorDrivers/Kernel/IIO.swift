// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
import Quantities

/// A device of the kernel's Industrial I/O subsystem: temperature, relative humidity and pressure.
///
/// Pressure is passed on as it comes: the subsystem serves barometers and pumps alike.
/// Linux: Documentation/ABI/testing/sysfs-bus-iio.
package struct IIO: SysfsSensorDriver {
    package static let name = "iio"
    package static let subsystem = KernelSubsystem.iio

    /// One value of the device.
    private struct Channel {
        /// As in the attribute's name between `in_` and `_input` or `_raw`, for example `temp` or `temp_ambient`.
        var name: String
        var kind: Kind
        /// `in_*_input` is there: a value in the unit of the kernel.
        var isProcessed: Bool
        /// The attribute with the scale of a raw value; `nil` where there is none.
        var scale: String?
        /// The attribute with what is added to a raw value before scaling; `nil` where that is nothing.
        var offset: String?
    }

    /// A quantity as the kernel names it, and the power of ten that makes its unit ours.
    private struct Kind {
        var word: String
        var quantity: Quantity
        var exponent: Int
    }

    /// Thousandths of a °C, thousandths of a percent, kilopascal.
    private static let kinds = [
        Kind(word: "temp", quantity: .temperature, exponent: -3),
        Kind(word: "humidityrelative", quantity: .relativeHumidity, exponent: -3),
        Kind(word: "pressure", quantity: .pressure, exponent: 3),
    ]

    private let device: any SysfsDevice
    private let channels: [Channel]
    private var hasStarted = false

    /// Picks `channel`, for example `temp_ambient`; `nil` takes the channels `temp`, `humidityrelative` and `pressure`.
    ///
    /// Throws `.notFound` where the device has none of them.
    package init(_ device: any SysfsDevice, channel: String?) throws(SensorError) {
        let all = Self.channels(in: Set(device.attributes()))
        channels = all.filter { $0.name == channel ?? $0.kind.word }
        guard !channels.isEmpty else {
            let names = all.map(\.name).joined(separator: ", ")
            throw SensorError(
                .notFound,
                all.isEmpty
                    ? "\(device.location) has neither temperature, humidity nor pressure: name another IIO device"
                    : "\(device.location) has no channel \(channel ?? "temp"): set channel to one of \(names)"
            )
        }
        self.device = device
    }

    /// None: IIO names a channel by its quantity, and a number is part of that name.
    package static func numberedChannels(of device: any SysfsDevice) -> [SensorChannel] { [] }

    package mutating func startConversion() throws(SensorError) -> Duration {
        hasStarted = true
        return .zero
    }

    package mutating func collect() throws(SensorError) -> Progress {
        guard hasStarted else { throw SensorError.notStarted }
        hasStarted = false
        return .finished(
            try KernelFile.measurements(of: channels, quantity: \.kind.quantity) {
                channel throws(SensorError) in try read(channel)
            })
    }

    package mutating func restore() { hasStarted = false }

    private static func channels(in attributes: Set<String>) -> [Channel] {
        kinds.flatMap { kind in
            let names = attributes.compactMap { name(of: $0, kind) }
            return Set(names).sorted().map { name in
                Channel(
                    name: name, kind: kind, isProcessed: attributes.contains("in_\(name)_input"),
                    scale: parameter("scale", of: name, kind, attributes),
                    offset: parameter("offset", of: name, kind, attributes))
            }
        }
    }

    /// The name of the channel whose value `attribute` is; `nil` where it is not one of that kind.
    private static func name(of attribute: String, _ kind: Kind) -> String? {
        guard attribute.hasPrefix("in_"),
            let suffix = ["_input", "_raw"].first(where: { attribute.hasSuffix($0) })
        else { return nil }
        let name = attribute.dropFirst(3).dropLast(suffix.count)
        // `temp`, `temp0` or `temp_ambient`, but not the `temperature` of another word.
        let rest = name.dropFirst(kind.word.count)
        guard name.hasPrefix(kind.word), rest.first.map({ $0 == "_" || $0.isNumber }) ?? true else {
            return nil
        }
        return String(name)
    }

    /// A parameter of the channel's own, of all channels of its kind, or of the whole device.
    private static func parameter(
        _ word: String, of name: String, _ kind: Kind, _ attributes: Set<String>
    ) -> String? {
        ["in_\(name)_\(word)", "in_\(kind.word)_\(word)", "in_\(word)"].first(where: attributes.contains)
    }

    private func read(_ channel: Channel) throws(SensorError) -> Measurement {
        let (quantity, exponent) = (channel.kind.quantity, channel.kind.exponent)
        guard !channel.isProcessed else {
            let number = try KernelFile.number("in_\(channel.name)_input", of: device)
            return try KernelFile.measurement(quantity, number.value(timesTenToThe: exponent))
        }
        let raw = try KernelFile.number("in_\(channel.name)_raw", of: device).value()
        guard let scale = channel.scale else {
            throw SensorError(
                .malformed,
                "in_\(channel.name)_raw of \(device.location) has no scale, so its unit is unknown: use another channel"
            )
        }
        let factor = try KernelFile.number(scale, of: device).value(timesTenToThe: exponent)
        var shift = 0.0
        if let offset = channel.offset { shift = try KernelFile.number(offset, of: device).value() }
        return try KernelFile.measurement(quantity, (raw + shift) * factor)
    }
}
