// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO

/// Finds hwmon and IIO devices and thermal zones by what they are; their numbers change between boots.
struct KernelDevices {
    let sysfsRoot: String
    let adapters: I2CAdapters

    /// A device that exists.
    struct Device {
        /// The kernel's name with its number, for example `hwmon2`.
        var entry: String
        /// The directory with its attributes.
        var path: String
        /// What the driver calls it; a thermal zone's type.
        var name: String
        /// The I²C chip that it stands for.
        var chip: I2CPlace?
    }

    /// Every device of every family.
    func sensors() -> [KernelSensor] {
        let known = adapters.all()
        return KernelFamily.allCases.flatMap { family in
            devices(family).map { device in
                let chip = device.chip
                return KernelSensor(
                    family.address(of: device.name, chip: chip.flatMap { chipAddress($0, among: known) }),
                    chip: chip.map { ($0.adapter, $0.address) },
                    attributes: SysfsTree.names(in: device.path).filter(family.isValue))
            }
        }
    }

    /// Opens the one device that `address` names.
    ///
    /// Throws `.notFound` where there is none, with those that exist, and where there are several, with what tells them
    /// apart.
    func open(_ address: SysfsAddress) throws(BusError) -> sending LinuxKernelDevice {
        switch address {
        case .hwmon(let name, let chip): try LinuxKernelDevice(path(of: .hwmon, name, chip, address))
        case .iio(let name, let chip): try LinuxKernelDevice(path(of: .iio, name, chip, address))
        case .thermalZone(let type): try LinuxKernelDevice(path(of: .thermal, type, nil, address))
        case .oneWire: throw BusError(.unsupported, operation: "find", location: address.description)
        }
    }

    private func path(
        of family: KernelFamily, _ name: String?, _ chip: I2CChipAddress?, _ address: SysfsAddress
    ) throws(BusError) -> String {
        var place: I2CPlace?
        if let chip {
            place = I2CPlace(adapter: try adapters.adapter(chip.bus).number, address: chip.address)
        }
        let all = devices(family)
        let matches = all.filter { device in
            (name == nil || device.name == name) && (place == nil || device.chip == place)
        }
        guard let match = matches.first, matches.count == 1 else {
            throw BusError(
                .notFound, operation: "find", location: address.description,
                advice: matches.isEmpty ? noneAdvice(all, family, place) : severalAdvice(matches, family))
        }
        return match.path
    }

    /// The devices of one family, by number.
    private func devices(_ family: KernelFamily) -> [Device] {
        let directory = "\(sysfsRoot)/\(family.directory)"
        let numbered = SysfsTree.names(in: directory).compactMap { entry -> (number: Int, entry: String)? in
            guard entry.hasPrefix(family.entryPrefix) else { return nil }
            return Int(entry.dropFirst(family.entryPrefix.count)).map { ($0, entry) }
        }
        return numbered.sorted { $0.number < $1.number }.compactMap { device(family, directory, $0.entry) }
    }

    private func device(_ family: KernelFamily, _ directory: String, _ entry: String) -> Device? {
        let path = "\(directory)/\(entry)"
        // Old drivers put a hwmon device's attributes into its parent.
        let places = family == .hwmon ? [path, "\(path)/device"] : [path]
        for place in places {
            guard let name = SysfsTree.line("\(place)/\(family.nameAttribute)") else { continue }
            let parent =
                switch family {
                case .hwmon: SysfsTree.linkName("\(path)/device")
                // Devices of a bus have no link to their parent, but their entry is a link to below it.
                case .iio: SysfsTree.parentName(path)
                case .thermal: String?.none
                }
            return Device(
                entry: entry, path: place, name: name, chip: parent.flatMap { I2CPlace(ofDevice: $0) })
        }
        return nil
    }

    private func chipAddress(_ place: I2CPlace, among known: [I2CAdapter]) -> I2CChipAddress? {
        known.first { $0.number == place.adapter }
            .map { I2CChipAddress(bus: $0.address(among: known), address: place.address) }
    }

    private func noneAdvice(_ all: [Device], _ family: KernelFamily, _ place: I2CPlace?) -> String {
        guard !all.isEmpty else {
            return
                "The kernel has no \(family.plural): load the driver of the chip, or enable it for the board."
        }
        let list = text(of: all)
        guard let place else { return "Name one of the \(family.plural) that exist: \(list)." }
        let client = I2CAdapters.deviceName(place.adapter, place.address)
        return
            "The kernel shows none with that for the chip \(client). The \(family.plural) that exist: \(list)."
    }

    private func severalAdvice(_ matches: [Device], _ family: KernelFamily) -> String {
        let list = text(of: matches)
        guard matches.contains(where: { $0.chip != nil }) else {
            return """
                \(matches.count) \(family.plural) are called so and nothing else tells them apart, because numbers \
                change: \(list). Use one with a name of its own.
                """
        }
        return "\(matches.count) \(family.plural) fit: add bus and address of the one that you mean: \(list)."
    }

    private func text(of devices: [Device]) -> String {
        let known = adapters.all()
        return devices.map { device in
            let chip = device.chip.flatMap { chipAddress($0, among: known) }.map { " at \($0)" } ?? ""
            return "\"\(device.name)\"\(chip) (\(device.entry))"
        }.joined(separator: ", ")
    }
}
