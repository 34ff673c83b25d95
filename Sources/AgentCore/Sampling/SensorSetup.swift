// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import Quantities
package import SensorDrivers

/// One sensor of the installation, resolved: where it is, how it is opened and how often it is read.
package struct SensorSetup: Sendable {
    /// How a sensor is opened on the connections of its bus; identification and configuration included.
    package typealias Opening = @Sendable (BusConnections) throws(SensorError) -> any Sensor

    /// The name in the configuration.
    package var name: SensorName
    /// Where its readings come from.
    package var source: Source
    /// The bus that it shares with others; it carries one transfer at a time.
    package var bus: String
    /// The time between two conversions.
    package var interval: Duration
    /// Added to every temperature, °C.
    package var offset: Double
    /// How long a sample may take before its bus counts as hung; `nil` to wait for ever.
    package var patience: Duration?
    /// Whether a read holds the bus until the conversion has ended, as a driver of the kernel does; else the chip converts
    /// by itself, and others may be asked meanwhile.
    package var blocks: Bool
    /// Opens the sensor.
    package var open: Opening
    /// What stands in while the sensor cannot be opened; its readings say that they are simulated.
    package var standIn: StandIn?

    /// The patience with an I²C bus or a file of sysfs: much longer than a conversion that is tried three times.
    package static let usualPatience = Duration.seconds(5)
    /// The patience with a 1-Wire bus: its kernel driver blocks through up to three conversions of 750 ms in one read.
    package static let oneWirePatience = Duration.seconds(15)

    /// A simulated sensor in the place of an absent one.
    package struct StandIn: Sendable {
        /// Where its readings come from.
        package var source: Source
        /// The hardware that it lives on.
        package var hardware: any Hardware
        /// Opens it.
        package var open: Opening

        /// Makes a stand-in.
        package init(source: Source, hardware: any Hardware, open: @escaping Opening) {
            self.source = source
            self.hardware = hardware
            self.open = open
        }
    }

    /// Makes a setup from its parts.
    package init(
        name: SensorName, source: Source, bus: String, interval: Duration, offset: Double = 0,
        patience: Duration? = SensorSetup.usualPatience, blocks: Bool = false, standIn: StandIn? = nil,
        open: @escaping Opening
    ) {
        self.name = name
        self.source = source
        self.bus = bus
        self.interval = interval
        self.offset = offset
        self.patience = patience
        self.blocks = blocks
        self.standIn = standIn
        self.open = open
    }
}

/// The opened buses of one hardware, shared by the sensors of one worker.
///
/// Not `Sendable`: it lives on the bus's thread.
package final class BusConnections {
    private let hardware: any Hardware
    private var buses: [I2CBusAddress: any I2CBus] = [:]

    /// Opens nothing yet.
    package init(hardware: any Hardware) { self.hardware = hardware }

    /// The chip at `address`; opens the bus where that has not been done.
    package func chip(on bus: I2CBusAddress, at address: UInt8) throws(SensorError) -> I2CDevice {
        if let known = buses[bus] { return I2CDevice(bus: known, address: address) }
        do {
            let opened = try hardware.openI2C(bus)
            buses[bus] = opened
            return I2CDevice(bus: opened, address: address)
        } catch {
            throw SensorError(error, while: "opening the I2C bus")
        }
    }

    /// A device directory of sysfs.
    package func directory(_ device: SysfsAddress) throws(SensorError) -> any SysfsDevice {
        do {
            return try hardware.openSysfs(device)
        } catch {
            throw SensorError(error, while: "opening the device directory")
        }
    }

    /// Drops the opened buses, so that the next use opens them anew: an adapter may have gone and come back.
    package func reset() { buses.removeAll() }
}
