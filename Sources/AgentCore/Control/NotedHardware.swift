// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
import Quantities

/// A machine whose lines are noted when they are had, which is before they can be driven on.
package struct NotedHardware: Hardware {
    private let hardware: any Hardware
    private let note: @Sendable (LineAddress, LineUse) -> Void

    /// `note` is called on the thread that asks for the line, which waits for it, while the line is held and inactive.
    package init(
        _ hardware: any Hardware, note: @escaping @Sendable (LineAddress, LineUse) -> Void
    ) {
        self.hardware = hardware
        self.note = note
    }

    /// Requests a line as an output that starts inactive, and has it noted.
    package func openLine(_ line: LineAddress, _ use: LineUse) throws(BusError) -> sending any OutputLine {
        let opened = try hardware.openLine(line, use)
        note(line, use)
        return opened
    }

    /// Opens a bus.
    package func openI2C(_ bus: I2CBusAddress) throws(BusError) -> sending any I2CBus {
        try hardware.openI2C(bus)
    }

    /// Opens a device directory of sysfs.
    package func openSysfs(_ device: SysfsAddress) throws(BusError) -> sending any SysfsDevice {
        try hardware.openSysfs(device)
    }

    /// Every I²C adapter, by ascending number.
    package func i2cAdapters() -> [I2CAdapter] { hardware.i2cAdapters() }

    /// The ids of all 1-Wire slaves that the kernel sees, sorted.
    package func oneWireIDs() -> [String] { hardware.oneWireIDs() }

    /// What kernel drivers measure by themselves.
    package func kernelSensors() -> [KernelSensor] { hardware.kernelSensors() }
}
