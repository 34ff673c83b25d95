// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

extension Assembly {
    /// The device that a `hwmon` or `iio` section means: by name, by bus and address, or by all of them.
    ///
    /// `isChannel` says which channels there can be, and `expected` says so to people.
    mutating func kernelDevice(
        _ path: String, isChannel: (String) -> Bool, _ expected: String
    ) -> SensorConfiguration.KernelDevice? {
        let chip = kernelChip(path)
        let device = SensorConfiguration.KernelDevice(
            name: text("\(path).name"), chip: chip, channel: text("\(path).channel"))
        if let channel = device.channel, let value = best("\(path).channel"), !isChannel(channel) {
            fail(
                .outOfRange, at: value.origin, "\(path).channel", "Found \"\(channel)\".",
                "Expected \(expected).")
        }
        guard device.name == nil, device.chip == nil else { return device }
        let keys = ["name", "bus", "address"].map { "\(path).\($0)" }
        if !layers.errors.contains(where: { keys.contains($0.path) }) {
            fail(
                .missing, at: origin(of: path), keys[0], "It is not set.",
                "Set name, or bus and address of the chip, in [\(path)].")
        }
        return nil
    }

    /// The chip that the device stands for; `nil` where neither of its keys is there, or one is missing.
    private mutating func kernelChip(_ path: String) -> SensorConfiguration.Chip? {
        guard best("\(path).bus") != nil || best("\(path).address") != nil else { return nil }
        let bus = bus(path)
        guard case .address(let address) = best("\(path).address")?.value else {
            missing("\(path).address", at: origin(of: path))
            return nil
        }
        return bus.map { SensorConfiguration.Chip(bus: $0, address: address) }
    }

    /// Reports the keys of the section that belong to sensors of another kind.
    mutating func refuseForeignKeys(_ path: String, _ driver: KnownDriver) {
        let (what, place, own) = Self.identity(of: driver.connection)
        let foreign = ["bus", "address", "id", "name", "type"].map { ($0, "Give \(place) instead.") }
        for (key, advice) in foreign + [("channel", "Leave it out."), ("when-held", "Leave it out.")]
        where !own.contains(key) {
            guard let value = best("\(path).\(key)") else { continue }
            fail(
                .conflict, at: value.origin, "\(path).\(key)",
                "It does not belong here: \(driver.name) is \(what).", advice)
        }
    }

    /// What sensors of a kind are, what says where they are, and the keys that only some kinds have and theirs does.
    private static func identity(
        of connection: KnownDriver.Connection
    ) -> (what: String, place: String, keys: Set<String>) {
        switch connection {
        case .i2c: ("an I²C chip", "bus and address", ["bus", "address", "when-held"])
        case .oneWire: ("a 1-Wire chip", "id", ["id"])
        case .hwmon, .iio:
            (
                "for devices of kernel drivers", "name, or bus and address,",
                ["bus", "address", "name", "channel"]
            )
        case .thermalZone: ("for thermal zones", "type", ["type"])
        }
    }
}
