// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Opens buses, devices and lines where they will live.
///
/// The one door between the program and a machine, real or simulated.
public protocol Hardware: Sendable {
    /// Opens a bus; throws `.notFound` where no adapter has that name, `.permission` with what to do about it.
    func openI2C(_ bus: I2CBusAddress) throws(BusError) -> sending any I2CBus
    /// Opens a device directory of sysfs; throws `.notFound` where it does not exist.
    func openSysfs(_ device: SysfsAddress) throws(BusError) -> sending any SysfsDevice
    /// Every I²C adapter, by ascending number; empty where there is none.
    func i2cAdapters() -> [I2CAdapter]
    /// The ids of all 1-Wire slaves that the kernel sees, sorted.
    func oneWireIDs() -> [String]
    /// What kernel drivers measure by themselves: hwmon and IIO devices, thermal zones.
    func kernelSensors() -> [KernelSensor]
    /// Requests a line as an output that starts inactive.
    func openLine(_ line: LineAddress, _ use: LineUse) throws(BusError) -> sending any OutputLine
}
