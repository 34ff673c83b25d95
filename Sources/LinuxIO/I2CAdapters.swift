// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO

/// Finds adapters in sysfs by their names.
struct I2CAdapters {
    /// Where the kernel lists I²C devices.
    let directory: String
    /// Where device files are.
    let deviceRoot: String

    init(sysfsRoot: String, deviceRoot: String) {
        directory = "\(sysfsRoot)/bus/i2c/devices"
        self.deviceRoot = deviceRoot
    }

    /// Every adapter, by ascending number.
    func all() -> [I2CAdapter] {
        SysfsTree.names(in: directory).compactMap { entry in
            guard entry.hasPrefix("i2c-"), let number = Int(entry.dropFirst(4)), number >= 0,
                let name = SysfsTree.line("\(directory)/\(entry)/name")
            else { return nil }
            return I2CAdapter(
                number: number, name: name, controller: SysfsTree.parentName("\(directory)/\(entry)"),
                deviceFile: "\(deviceRoot)/i2c-\(number)", holders: holders(on: number))
        }.sorted { $0.number < $1.number }
    }

    /// The one adapter that `address` names.
    ///
    /// Throws `.notFound` where there is none or more than one, with the names that exist.
    func adapter(_ address: I2CBusAddress) throws(BusError) -> I2CAdapter {
        let adapters = all()
        let matches = adapters.filter(address.names)
        guard let match = matches.first else {
            throw BusError(
                .notFound, operation: "find I2C adapter", location: address.description,
                advice: Self.list(adapters, where: directory))
        }
        guard matches.count == 1 else {
            let numbers = matches.map { "\(deviceRoot)/i2c-\($0.number)" }.joined(separator: ", ")
            throw BusError(
                .notFound, operation: "find I2C adapter", location: address.description,
                advice:
                    "\(matches.count) adapters fit: name one by its controller or its device file: \(numbers)."
            )
        }
        return match
    }

    /// The kernel drivers that hold addresses of the adapter with that number.
    private func holders(on number: Int) -> [UInt8: String] {
        SysfsTree.names(in: directory).reduce(into: [:]) { holders, entry in
            guard entry.hasPrefix("\(number)-00"), let address = UInt8(entry.suffix(2), radix: 16),
                let driver = SysfsTree.linkName("\(directory)/\(entry)/driver")
            else { return }
            holders[address] = driver
        }
    }

    /// The kernel driver that holds `address` on the bus of `deviceFile`, or `nil`.
    func holder(of address: UInt8, deviceFile: String) -> String? {
        guard let number = Self.number(ofDeviceFile: deviceFile) else { return nil }
        return SysfsTree.linkName("\(directory)/\(Self.deviceName(number, address))/driver")
    }

    /// Whether the kernel still has the adapter of `deviceFile`.
    func isPresent(deviceFile: String) -> Bool {
        Self.number(ofDeviceFile: deviceFile).map { SysfsTree.isDirectory("\(directory)/i2c-\($0)") } ?? false
    }

    private static func number(ofDeviceFile path: String) -> Int? {
        guard let file = path.split(separator: "/").last, file.hasPrefix("i2c-") else { return nil }
        return Int(file.dropFirst(4))
    }

    /// The kernel's name of a device, for example `1-0048`.
    static func deviceName(_ number: Int, _ address: UInt8) -> String {
        "\(number)-00\(address < 16 ? "0" : "")\(String(address, radix: 16))"
    }

    private static func list(_ adapters: [I2CAdapter], where directory: String) -> String {
        guard !adapters.isEmpty else {
            return "This machine has no I2C adapter in \(directory): enable I2C in the board's configuration."
        }
        let names = adapters.map { "\"\($0.name)\"" }.joined(separator: ", ")
        return "Name one of the adapters that exist: \(names)."
    }
}
