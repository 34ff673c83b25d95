// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Devices of kernel drivers as sysfs shows them: directories below `devices`, and links to them in each class.
extension FakeMachine {
    /// Adds a hwmon device of `parent`, for example `platform/i2c-1/1-0048`; a parent's name is what `device` ends in.
    func addHwmon(_ number: Int, of parent: String, name: String, _ files: [String: String] = [:]) throws {
        let directory = "sys/devices/\(parent)/hwmon/hwmon\(number)"
        let last = parent.split(separator: "/").last.map(String.init) ?? parent
        try write("\(name)\n", to: "\(directory)/name")
        for (file, text) in files { try write(text, to: "\(directory)/\(file)") }
        try link("\(directory)/device", to: "../../../\(last)")
        try link("sys/class/hwmon/hwmon\(number)", to: "../../devices/\(parent)/hwmon/hwmon\(number)")
    }

    /// Removes a hwmon device with its parent, as when its driver is unbound.
    func removeHwmon(_ number: Int, of parent: String) throws {
        try remove("sys/class/hwmon/hwmon\(number)")
        try remove("sys/devices/\(parent)")
    }

    /// Adds an IIO device of `parent`; there is no `device` link, as in the kernel.
    func addIIO(_ number: Int, of parent: String, name: String, _ files: [String: String] = [:]) throws {
        let directory = "sys/devices/\(parent)/iio:device\(number)"
        try write("\(name)\n", to: "\(directory)/name")
        for (file, text) in files { try write(text, to: "\(directory)/\(file)") }
        try link(
            "sys/bus/iio/devices/iio:device\(number)", to: "../../../devices/\(parent)/iio:device\(number)")
    }

    /// Adds a thermal zone.
    func addThermalZone(_ number: Int, type: String, millidegrees: Int) throws {
        let directory = "sys/devices/virtual/thermal/thermal_zone\(number)"
        try write("\(type)\n", to: "\(directory)/type")
        try write("\(millidegrees)\n", to: "\(directory)/temp")
        try link(
            "sys/class/thermal/thermal_zone\(number)",
            to: "../../devices/virtual/thermal/thermal_zone\(number)")
    }
}
