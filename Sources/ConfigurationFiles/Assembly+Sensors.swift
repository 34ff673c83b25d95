// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

extension Assembly {
    /// The sensors whose sections are right, ordered by name.
    mutating func sensors(_ drivers: [KnownDriver]) -> [SensorConfiguration] {
        let names = (layers.chosenNames["sensors"] ?? []).sorted()
        let sensors = names.compactMap { sensor($0, drivers) }
        for (index, sensor) in sensors.enumerated() {
            guard let twin = sensors[..<index].first(where: { $0.place == sensor.place }) else { continue }
            let path = "sensors.\(sensor.name)"
            fail(
                .conflict, at: origin(of: path), path, "It is the same chip as sensors.\(twin.name).",
                "Give each chip one section; two thermostats may name the same sensor.")
        }
        return sensors
    }

    /// The sensor that a thermostat names, where there is such a section.
    mutating func thermostatSensor(_ thermostat: String) -> SensorName? {
        let path = "\(thermostat).sensor"
        guard let name = text(path), let value = best(path) else { return nil }
        let known = (layers.chosenNames["sensors"] ?? []).sorted()
        guard known.contains(name) else {
            let advice = Spelling.advice(for: name, among: known)
            fail(
                .unknownName, at: value.origin, path, "There is no [sensors.\(name)].",
                advice.isEmpty ? "Add that section, or leave the key out." : advice)
            return nil
        }
        return SensorName(name)
    }

    private mutating func sensor(_ name: String, _ drivers: [KnownDriver]) -> SensorConfiguration? {
        let path = "sensors.\(name)"
        guard let driverName = text("\(path).driver"), let driverValue = best("\(path).driver") else {
            missing("\(path).driver", at: origin(of: path))
            return nil
        }
        guard let driver = drivers.first(where: { $0.name == driverName }) else {
            fail(
                .unknownName, at: driverValue.origin, "\(path).driver",
                "There is no driver \"\(printable(driverName))\".",
                Spelling.advice(for: driverName, among: drivers.map(\.name)))
            return nil
        }
        guard let place = place(path, driver) else { return nil }
        var sensor = SensorConfiguration(name: SensorName(name), driver: driver.name, place: place)
        if case .number(let offset) = best("\(path).offset")?.value { sensor.offset = offset }
        sensor.fallback = text("\(path).fallback").flatMap(SensorConfiguration.Fallback.init)
        sensor.interval = duration("\(path).interval")
        sensor.whenHeld = text("\(path).when-held").flatMap(SensorConfiguration.WhenHeld.init)
        return sensor
    }

    private mutating func place(_ path: String, _ driver: KnownDriver) -> SensorConfiguration.Place? {
        refuseForeignKeys(path, driver)
        switch driver.connection {
        case .i2c(let addresses):
            let bus = bus(path)
            let address = address(path, driver.name, addresses)
            guard let bus, let address else { return nil }
            return .i2c(bus: bus, address: address)
        case .oneWire(let families): return oneWire(path, driver.name, families)
        case .hwmon:
            return kernelDevice(
                path, isChannel: KernelChannel.isHwmon,
                "temp or humidity with a number, for example \"temp2\""
            ).map { .hwmon($0) }
        case .iio:
            return kernelDevice(
                path, isChannel: KernelChannel.isIIO,
                "temp, humidityrelative or pressure, where needed with a number or word, for example \"temp_ambient\""
            ).map { .iio($0) }
        case .thermalZone:
            guard let type = text("\(path).type") else {
                missing("\(path).type", at: origin(of: path))
                return nil
            }
            return .thermalZone(type: type)
        }
    }

    private mutating func oneWire(
        _ path: String, _ driver: String, _ families: [String]
    ) -> SensorConfiguration.Place? {
        guard let id = text("\(path).id"), let value = best("\(path).id") else {
            missing("\(path).id", at: origin(of: path))
            return nil
        }
        guard families.contains(where: { id.hasPrefix("\($0)-") }) else {
            fail(
                .outOfRange, at: value.origin, "\(path).id", "Found \"\(id)\".",
                "The ids of \(driver) begin with \(families.map { "\($0)-" }.joined(separator: " or ")).")
            return nil
        }
        return .oneWire(id: id)
    }

    mutating func bus(_ path: String) -> BusReference? {
        guard case .bus(let bus) = best("\(path).bus")?.value else {
            missing("\(path).bus", at: origin(of: path))
            return nil
        }
        return bus
    }

    /// The address; where the chip has only one it may be left out.
    private mutating func address(_ path: String, _ driver: String, _ allowed: [UInt8]) -> UInt8? {
        let list = allowed.map(hexadecimal).joined(separator: ", ")
        guard let value = best("\(path).address"), case .address(let address) = value.value else {
            if allowed.count == 1 { return allowed[0] }
            missing("\(path).address", at: origin(of: path))
            return nil
        }
        guard allowed.contains(address) else {
            fail(
                .outOfRange, at: value.origin, "\(path).address", "Found \(hexadecimal(address)).",
                "\(driver) can have \(list).")
            return nil
        }
        return address
    }

    /// Where a section stands, for what is missing in it: its line, else the origin of one of its values.
    func origin(of section: String) -> ConfigurationOrigin {
        let path = section.split(separator: ".").map(String.init)
        if let document, let line = document.positions.lines[path] { return .file(document.file, line: line) }
        let origins = layers.values.filter { $0.key.starts(with: path) }.flatMap(\.value).map(\.origin)
        return origins.min { $0.description < $1.description } ?? .default
    }
}
