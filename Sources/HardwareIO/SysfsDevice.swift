// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A device directory of sysfs.
public enum SysfsAddress: Sendable, Hashable, CustomStringConvertible {
    /// A 1-Wire slave by its full id, for example `28-0316a279fcff`.
    case oneWire(id: String)
    /// A hwmon device by the content of its `name`, by the I²C chip that it stands for, or by both.
    case hwmon(name: String?, chip: I2CChipAddress?)
    /// An IIO device by the content of its `name`, by the I²C chip that it stands for, or by both.
    case iio(name: String?, chip: I2CChipAddress?)
    /// A thermal zone by the content of its `type`.
    case thermalZone(type: String)

    /// The text that people read.
    public var description: String {
        switch self {
        case .oneWire(let id): "1-Wire device \(id)"
        case .hwmon(let name, let chip): "hwmon device\(Self.text(name, chip))"
        case .iio(let name, let chip): "IIO device\(Self.text(name, chip))"
        case .thermalZone(let type): "thermal zone \"\(type)\""
        }
    }

    private static func text(_ name: String?, _ chip: I2CChipAddress?) -> String {
        (name.map { " \"\($0)\"" } ?? "") + (chip.map { " of the chip at \($0)" } ?? "")
    }
}

/// The place of a chip on an I²C bus.
public struct I2CChipAddress: Sendable, Hashable, CustomStringConvertible {
    /// The bus that the chip is on.
    public var bus: I2CBusAddress
    /// The 7-bit address.
    public var address: UInt8

    /// Names a place.
    public init(bus: I2CBusAddress, address: UInt8) {
        self.bus = bus
        self.address = address
    }

    /// The text that people read.
    public var description: String {
        let digits = String(address, radix: 16)
        return "\(bus) address 0x\(digits.count < 2 ? "0" : "")\(digits)"
    }
}

/// A directory of attributes.
///
/// Not `Sendable`: reads may block for seconds, so it lives on its bus's own thread.
public protocol SysfsDevice: AnyObject {
    /// The directory, for error texts.
    var location: String { get }

    /// The whole content of an attribute: one open, one read of at least 4096 bytes from offset 0, one close.
    ///
    /// An empty result is success with no bytes, as the kernel gives it; the caller decides what that means.
    func read(_ attribute: String) throws(BusError) -> [UInt8]

    /// The names in the directory, sorted; empty where it has gone.
    func attributes() -> [String]

    /// Writes an attribute in one call.
    func write(_ bytes: [UInt8], to attribute: String) throws(BusError)
}
