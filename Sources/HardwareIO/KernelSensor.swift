// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A device that a kernel driver measures with and shows in sysfs.
public struct KernelSensor: Sendable, Hashable {
    /// The directory that its values are read from.
    public var address: SysfsAddress
    /// The chip that it stands for, where it is one on an I²C bus: the adapter's number and the 7-bit address.
    public var chip: (adapter: Int, address: UInt8)? {
        adapter.flatMap { one in chipAddress.map { (one, $0) } }
    }
    private var adapter: Int?
    private var chipAddress: UInt8?
    /// The attributes that hold values, for example `temp1_input`, sorted.
    public var attributes: [String]

    /// Describes a device.
    public init(_ address: SysfsAddress, chip: (adapter: Int, address: UInt8)? = nil, attributes: [String]) {
        self.address = address
        adapter = chip?.adapter
        chipAddress = chip?.address
        self.attributes = attributes
    }
}
