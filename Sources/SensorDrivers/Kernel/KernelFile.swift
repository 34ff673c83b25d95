// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Quantities

/// What hwmon, IIO and thermal zones have in common: one value per file, in thousandths.
enum KernelFile {
    /// What a working device can show, in °C; wide enough for processors and industrial probes.
    static let plausibleCelsius = -150.0...250.0
    /// What is limited to 0…100 %: some kernel drivers pass on what the chip's formula gives; farther off is a fault.
    static let correctablePercent = -15.0...115.0

    /// The number in an attribute; throws `.empty`, `.malformed`, or what the kernel's error number means.
    static func number(_ attribute: String, of device: any SysfsDevice) throws(SensorError) -> DecimalText {
        let text: [UInt8]
        do throws(BusError) {
            text = try device.read(attribute)
        } catch {
            throw SensorError(ofKernel: error, while: "reading \(attribute)")
        }
        guard !text.isEmpty else {
            throw SensorError(.empty, "\(attribute) of \(device.location) has no content")
        }
        guard let number = DecimalText(text) else {
            throw SensorError(.malformed, "\(attribute) of \(device.location) holds no number")
        }
        return number
    }

    /// As ``number(_:of:)``, but throws `.malformed` for a fraction as well.
    static func wholeNumber(
        _ attribute: String, of device: any SysfsDevice
    ) throws(SensorError) -> DecimalText {
        let number = try number(attribute, of: device)
        guard number.isWhole else {
            throw SensorError(.malformed, "\(attribute) of \(device.location) holds no whole number")
        }
        return number
    }

    /// A measurement from a value in the quantity's unit; throws `.outOfRange` for what nobody can have measured.
    static func measurement(_ quantity: Quantity, _ value: Double) throws(SensorError) -> Measurement {
        switch quantity {
        case .temperature where !plausibleCelsius.contains(value),
            .relativeHumidity where !correctablePercent.contains(value):
            throw SensorError(.outOfRange, "\(value) \(quantity.unitSymbol) cannot have been measured")
        case .relativeHumidity where !(0...100).contains(value):
            return Measurement(quantity, min(max(value, 0), 100), flags: [.humidityClamped])
        default:
            return Measurement(quantity, value)
        }
    }

    /// Reads every channel; one that fails does so alone, and where all fail the first error is that of the whole.
    static func measurements<Channel>(
        of channels: [Channel], quantity: (Channel) -> Quantity,
        read: (Channel) throws(SensorError) -> Measurement
    ) throws(SensorError) -> [Measurement] {
        var measurements: [Measurement] = []
        var errors: [SensorError] = []
        for channel in channels {
            do throws(SensorError) {
                measurements.append(try read(channel))
            } catch {
                errors.append(error)
                measurements.append(Measurement(quantity(channel), failed: error.kind))
            }
        }
        guard let first = errors.first, errors.count == channels.count else { return measurements }
        throw first
    }
}
