// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO

/// A family of devices that sysfs lists by number: where they are, and what belongs to them.
enum KernelFamily: CaseIterable {
    case hwmon, iio, thermal

    /// Where the devices are listed, below the root of sysfs.
    var directory: String {
        switch self {
        case .hwmon: "class/hwmon"
        case .iio: "bus/iio/devices"
        case .thermal: "class/thermal"
        }
    }

    /// What stands before the number in the name of an entry.
    var entryPrefix: String {
        switch self {
        case .hwmon: "hwmon"
        case .iio: "iio:device"
        case .thermal: "thermal_zone"
        }
    }

    /// The attribute that says what the device is.
    var nameAttribute: String { self == .thermal ? "type" : "name" }

    /// The devices in the words of error texts.
    var plural: String {
        switch self {
        case .hwmon: "hwmon devices"
        case .iio: "IIO devices"
        case .thermal: "thermal zones"
        }
    }

    /// Whether an attribute of that name holds a value.
    func isValue(_ attribute: String) -> Bool {
        switch self {
        case .hwmon: attribute.hasSuffix("_input")
        case .iio:
            attribute.hasPrefix("in_") && (attribute.hasSuffix("_input") || attribute.hasSuffix("_raw"))
        case .thermal: attribute == "temp"
        }
    }

    /// The address of a device of that name or type.
    func address(of name: String, chip: I2CChipAddress?) -> SysfsAddress {
        switch self {
        case .hwmon: .hwmon(name: name, chip: chip)
        case .iio: .iio(name: name, chip: chip)
        case .thermal: .thermalZone(type: name)
        }
    }
}

/// A chip's place in the kernel's numbers of this moment.
struct I2CPlace: Hashable {
    /// The adapter's number.
    var adapter: Int
    /// The 7-bit address.
    var address: UInt8

    /// Names a place.
    init(adapter: Int, address: UInt8) {
        self.adapter = adapter
        self.address = address
    }

    /// Reads the kernel's name of an I²C device, for example `1-0048`; `nil` where it is something else.
    init?(ofDevice name: String) {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int(parts[0]), let address = UInt8(parts[1], radix: 16),
            address <= 0x7F, I2CAdapters.deviceName(number, address) == name
        else { return nil }
        self.init(adapter: number, address: address)
    }
}
