// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
import Quantities

/// A thermal zone of the kernel: `temp` in thousandths of a °C.
///
/// Some zones of firmware (`acpitz`) show a constant, and some vendors' kernels wrongly whole degrees: compare once with
/// another thermometer. Linux: Documentation/ABI/testing/sysfs-class-thermal.
package struct ThermalZone: SysfsSensorDriver {
    package static let name = "thermal_zone"
    package static let subsystem = KernelSubsystem.thermal

    private let device: any SysfsDevice
    private var hasStarted = false

    /// Takes the zone; it has one value, so that a `channel` throws `.notFound`.
    package init(_ device: any SysfsDevice, channel: String?) throws(SensorError) {
        guard channel == nil else {
            throw SensorError(.notFound, "a thermal zone has one temperature: leave channel out")
        }
        self.device = device
    }

    package static func numberedChannels(of device: any SysfsDevice) -> [SensorChannel] { [] }

    package mutating func startConversion() throws(SensorError) -> Duration {
        hasStarted = true
        return .zero
    }

    package mutating func collect() throws(SensorError) -> Progress {
        guard hasStarted else { throw SensorError.notStarted }
        hasStarted = false
        let number = try KernelFile.wholeNumber("temp", of: device)
        return .finished([try KernelFile.measurement(.temperature, number.value(timesTenToThe: -3))])
    }

    package mutating func restore() { hasStarted = false }
}
