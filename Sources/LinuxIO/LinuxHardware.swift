// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO

/// The buses and lines of the Linux machine that the program runs on.
package struct LinuxHardware: Hardware {
    private let sysfsRoot: String
    private let deviceRoot: String

    /// Makes a view of the machine; other roots are for tests and containers.
    package init(sysfsRoot: String = "/sys", deviceRoot: String = "/dev") {
        self.sysfsRoot = sysfsRoot
        self.deviceRoot = deviceRoot
    }

    /// Every I²C adapter, by ascending number; empty where there is none.
    package func i2cAdapters() -> [I2CAdapter] { adapters.all() }

    /// The ids of all 1-Wire slaves that the kernel sees, sorted.
    package func oneWireIDs() -> [String] { LinuxSysfsDevice.ids(in: "\(sysfsRoot)/bus/w1/devices") }

    /// What kernel drivers measure by themselves: hwmon, then IIO devices, then thermal zones, by number.
    package func kernelSensors() -> [KernelSensor] { kernelDevices.sensors() }

    /// Opens a bus; throws `.notFound` with the adapters that exist, or `.permission` with what to do about it.
    package func openI2C(_ bus: I2CBusAddress) throws(BusError) -> sending any I2CBus {
        try LinuxI2CBus(bus, adapters: adapters)
    }

    /// Opens a device directory of sysfs; throws `.notFound` with the devices that exist.
    package func openSysfs(_ device: SysfsAddress) throws(BusError) -> sending any SysfsDevice {
        switch device {
        case .oneWire(let id): return try LinuxSysfsDevice(oneWire: id, sysfsRoot: sysfsRoot)
        case .hwmon, .iio, .thermalZone: return try kernelDevices.open(device)
        }
    }

    /// Always throws `.unsupported`: this version drives no lines.
    package func openLine(_ line: LineAddress, _ use: LineUse) throws(BusError) -> sending any OutputLine {
        throw BusError(
            .unsupported, operation: "request", location: line.description,
            advice: "This version does not drive GPIO lines: take the relay out of the configuration.")
    }

    private var adapters: I2CAdapters { I2CAdapters(sysfsRoot: sysfsRoot, deviceRoot: deviceRoot) }

    private var kernelDevices: KernelDevices { KernelDevices(sysfsRoot: sysfsRoot, adapters: adapters) }
}
