// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
import Quantities

/// The DS18B20 family behind the kernel's `w1_therm`: DS18S20, DS1822, DS18B20, DS1825 with MAX31850, DS28EA00.
///
/// A read of `w1_slave` starts the conversion and blocks until it is done: about a second, several with retries.
package struct DS18B20: OneWireSensorDriver {
    package static let name = "ds18b20"
    package static let families = ["10", "22", "28", "3b", "42"]

    /// Bit 0 of `features`: the kernel rejects power-on values.
    private static let rejectPowerOnValue = 0b01
    /// Bit 1 of `features`: the kernel polls for completion, so that a lost convert command is seen.
    private static let pollForCompletion = 0b10

    private let device: any SysfsDevice
    private let family: String
    /// The content of `features` before this driver changed it.
    private var foundFeatures: [UInt8]?
    private var hasStarted = false

    /// Checks the id and switches on the kernel's own checks where its version and our rights allow it.
    ///
    /// Throws `.wrongIdentity` for an id that is not one of a thermometer.
    package init(_ device: any SysfsDevice, id: String) throws(SensorError) {
        guard let family = Self.family(ofID: id) else {
            throw SensorError(
                .wrongIdentity,
                "\"\(id)\" is not the id of a thermometer: it must be \(Self.families.joined(separator: ", ")), then - and 12 lower-case hex digits"
            )
        }
        self.device = device
        self.family = family
        foundFeatures = Self.improveFeatures(of: device)
    }

    package mutating func startConversion() throws(SensorError) -> Duration {
        hasStarted = true
        return .zero
    }

    package mutating func collect() throws(SensorError) -> Progress {
        guard hasStarted else { throw SensorError.notStarted }
        hasStarted = false
        let text: [UInt8]
        do throws(BusError) {
            text = try device.read("w1_slave")
        } catch {
            throw SensorError(ofKernel: error, while: "reading the thermometer")
        }
        return .finished([try Self.measurement(fromSlaveText: text, family: family)])
    }

    package mutating func restore() {
        hasStarted = false
        guard let found = foundFeatures else { return }
        foundFeatures = nil
        // Nobody is left to tell, and the kernel forgets the setting with the device.
        try? device.write(found, to: "features")
    }

    /// The family code of `id`, or `nil` where it is not a thermometer's.
    static func family(ofID id: String) -> String? {
        let bytes = Array(id.utf8)
        guard bytes.count == 15, bytes[2] == UInt8(ascii: "-") else { return nil }
        let digits = Set("0123456789abcdef".utf8)
        guard bytes[3...].allSatisfy(digits.contains) else { return nil }
        return families.first { id.hasPrefix($0) }
    }

    /// Sets `features` and returns what it was, or `nil` where nothing was changed.
    ///
    /// Old kernels lack the file and only root may write it: both are no error, the driver has its own checks.
    private static func improveFeatures(of device: any SysfsDevice) -> [UInt8]? {
        guard let found = try? device.read("features"), let value = try? W1Attribute.features(found) else {
            return nil
        }
        // Without its own supply a part cannot say that it is done.
        let power = try? W1Attribute.hasExternalPower((try? device.read("ext_power")) ?? [])
        let wanted = value | rejectPowerOnValue | (power == true ? pollForCompletion : 0)
        guard wanted != value, (try? device.write(Array("\(wanted)\n".utf8), to: "features")) != nil else {
            return nil
        }
        return found
    }
}
