// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import Quantities

/// A sensor that a kernel driver measures with and shows as a directory of sysfs.
///
/// The kernel does the bus, the checksums and the waiting; a read may block for a conversion, and some kernel drivers
/// answer from a cache of about two seconds, which cannot be told from here.
package protocol SysfsSensorDriver: Sensor, SendableMetatype {
    /// The driver's name as written in `agent.toml`, lower case.
    static var name: String { get }
    /// What the devices are and how they are found.
    static var subsystem: KernelSubsystem { get }
    /// The channels of `device` that are told apart by number, in the order in which they are read.
    ///
    /// Empty where there is none, and for subsystems that name a channel by its quantity.
    static func numberedChannels(of device: any SysfsDevice) -> [SensorChannel]
    /// Picks the channels to read; reads no value.
    ///
    /// `nil` takes the first channel of each quantity. Throws `.notFound` with the channels that exist.
    init(_ device: any SysfsDevice, channel: String?) throws(SensorError)
}

/// A part of the kernel that measures by itself.
package enum KernelSubsystem: Sendable, Hashable, CaseIterable {
    /// `/sys/class/hwmon`: found by name, by I²C chip, or by both.
    case hwmon
    /// `/sys/bus/iio`: found by name, by I²C chip, or by both.
    case iio
    /// `/sys/class/thermal`: found by type.
    case thermal

    /// The address of a device by what is known of it; a thermal zone's `name` is its type.
    ///
    /// `nil` where that does not suffice, or cannot be.
    package func address(name: String?, chip: I2CChipAddress?) -> SysfsAddress? {
        switch self {
        case .hwmon where name != nil || chip != nil: .hwmon(name: name, chip: chip)
        case .iio where name != nil || chip != nil: .iio(name: name, chip: chip)
        case .thermal where chip == nil: name.map { .thermalZone(type: $0) }
        default: nil
        }
    }
}

/// One value of a device that may have several.
package struct SensorChannel: Sendable, Hashable {
    /// The name as `channel` in the configuration has it, for example `temp1`.
    package var name: String
    /// What it measures.
    package var quantity: Quantity

    /// Names a channel.
    package init(_ name: String, _ quantity: Quantity) {
        self.name = name
        self.quantity = quantity
    }
}
