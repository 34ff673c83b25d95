// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
import Quantities

/// A device of the kernel's hwmon class: temperatures in thousandths of a °C, humidities in thousandths of a percent.
///
/// Linux: Documentation/hwmon/sysfs-interface.rst.
package struct Hwmon: SysfsSensorDriver {
    package static let name = "hwmon"
    package static let subsystem = KernelSubsystem.hwmon

    /// What an attribute's name begins with, in the order in which channels are read.
    private static let kinds: [(prefix: String, quantity: Quantity)] = [
        ("temp", .temperature), ("humidity", .relativeHumidity),
    ]
    private static let suffix = "_input"

    private let device: any SysfsDevice
    private let channels: [SensorChannel]
    /// The channels whose `_fault` attribute says whether the value means anything.
    private let tellingFaults: Set<String>
    private var hasStarted = false

    /// Picks `channel`, for example `temp2`; `nil` takes the lowest temperature and, where there is one, the lowest humidity.
    ///
    /// Throws `.notFound` where the device has no such channel.
    package init(_ device: any SysfsDevice, channel: String?) throws(SensorError) {
        let all = Self.numberedChannels(of: device)
        channels =
            if let channel {
                all.filter { $0.name == channel }
            } else {
                Self.kinds.compactMap { kind in all.first { $0.quantity == kind.quantity } }
            }
        guard !channels.isEmpty else {
            let names = all.map(\.name).joined(separator: ", ")
            throw SensorError(
                .notFound,
                all.isEmpty
                    ? "\(device.location) has neither temperature nor humidity: name another hwmon device"
                    : "\(device.location) has no \(channel ?? "channel"): set channel to one of \(names)")
        }
        self.device = device
        tellingFaults = Set(
            device.attributes().filter { $0.hasSuffix("_fault") }.map { String($0.dropLast(6)) })
    }

    package static func numberedChannels(of device: any SysfsDevice) -> [SensorChannel] {
        let names = device.attributes().filter { $0.hasSuffix(suffix) }.map { $0.dropLast(suffix.count) }
        return kinds.flatMap { kind in
            names.compactMap { name -> (number: Int, channel: SensorChannel)? in
                // Numbers may have gaps, and the tenth comes after the second.
                guard name.hasPrefix(kind.prefix), let number = Int(name.dropFirst(kind.prefix.count)) else {
                    return nil
                }
                return (number, SensorChannel(String(name), kind.quantity))
            }
            .sorted { $0.number < $1.number }.map(\.channel)
        }
    }

    package mutating func startConversion() throws(SensorError) -> Duration {
        hasStarted = true
        return .zero
    }

    package mutating func collect() throws(SensorError) -> Progress {
        guard hasStarted else { throw SensorError.notStarted }
        hasStarted = false
        return .finished(
            try KernelFile.measurements(of: channels, quantity: \.quantity) {
                channel throws(SensorError) in try read(channel)
            })
    }

    package mutating func restore() { hasStarted = false }

    private func read(_ channel: SensorChannel) throws(SensorError) -> Measurement {
        if tellingFaults.contains(channel.name),
            try KernelFile.wholeNumber("\(channel.name)_fault", of: device).digits != 0
        {
            throw SensorError(
                .sensorFault,
                "\(channel.name)_fault of \(device.location) is set: check the wiring of that channel")
        }
        let number = try KernelFile.wholeNumber(channel.name + Self.suffix, of: device)
        return try KernelFile.measurement(channel.quantity, number.value(timesTenToThe: -3))
    }
}
