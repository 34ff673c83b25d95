// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// An I²C adapter of a machine.
public struct I2CAdapter: Sendable, Hashable {
    /// The kernel's number; it can change between boots and when an adapter is plugged in again.
    public var number: Int
    /// The name that the adapter's driver gives it; several adapters may share one.
    public var name: String
    /// The name of the adapter's parent device; `nil` where it has none.
    public var controller: String?
    /// The device file, for example `/dev/i2c-1`.
    public var deviceFile: String
    /// The kernel drivers that hold addresses of this adapter, by 7-bit address.
    public var holders: [UInt8: String]

    /// Describes an adapter.
    public init(
        number: Int, name: String, controller: String? = nil, deviceFile: String,
        holders: [UInt8: String] = [:]
    ) {
        self.number = number
        self.name = name
        self.controller = controller
        self.deviceFile = deviceFile
        self.holders = holders
    }
}
