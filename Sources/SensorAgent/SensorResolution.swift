// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles
import HardwareIO
import Quantities
import SensorDrivers
import Simulation

/// Turns the configured sensors into setups that can be opened.
struct SensorResolution {
    /// What the sampling service gets.
    var setups: [SensorSetup]
    /// The hardware that the setups live on.
    var hardware: any Hardware
    /// Which sensor belongs to which thermostat.
    var thermostats: [ThermostatSlot: SensorName]
    /// Whether every reading is simulated.
    var isSimulated: Bool
    /// The chips that a scan has to leave alone.
    var inUse = Scanner.InUse()

    /// The two thermostats as configuration names them.
    enum ThermostatSlot: CaseIterable { case first, second }

    /// Two simulated TMP102, one for each thermostat.
    static func simulated(_ hardware: SimulatedHardware, interval: Duration) -> SensorResolution {
        let names = [SensorName("simulated1"), SensorName("simulated2")]
        let setups = zip(names, SimulatedHardware.addresses).map { name, address in
            SensorSetup(
                name: name, source: .simulated(driver: TMP102.name), bus: SimulatedHardware.adapterName,
                interval: interval, open: Self.simulatedChip(at: address))
        }
        return SensorResolution(
            setups: setups, hardware: hardware, thermostats: [.first: names[0], .second: names[1]],
            isSimulated: true)
    }

    /// The sensors of the configuration on real hardware; throws every bus that the board does not have.
    static func configured(
        _ configuration: AgentConfiguration, board: BoardDescription, hardware: any Hardware,
        simulation: SimulatedHardware
    ) throws(ConfigurationErrors) -> SensorResolution {
        let locations = try configuration.i2cLocations(on: board)
        let usual = min(configuration.telemetry.interval, .seconds(8))
        let setups = configuration.sensors.enumerated().compactMap { index, sensor -> SensorSetup? in
            guard let (bus, open) = opening(sensor, locations, hardware) else { return nil }
            let address = SimulatedHardware.addresses[index % 2]
            let standIn = SensorSetup.StandIn(
                source: .simulated(driver: TMP102.name), hardware: simulation,
                open: simulatedChip(at: address))
            return SensorSetup(
                name: sensor.name, source: .hardware(driver: sensor.driver, place: bus.place), bus: bus.key,
                interval: sensor.interval ?? usual, offset: sensor.offset, patience: sensor.place.patience,
                blocks: sensor.place.blocks,
                standIn: sensor.fallback == .simulated ? standIn : nil, open: open)
        }
        var thermostats: [ThermostatSlot: SensorName] = [:]
        thermostats[.first] = configuration.thermostat1.sensor
        thermostats[.second] = configuration.thermostat2.sensor
        return SensorResolution(
            setups: setups, hardware: hardware, thermostats: thermostats, isSimulated: false,
            inUse: inUse(configuration.sensors, locations))
    }

    private static func inUse(
        _ sensors: [SensorConfiguration], _ locations: [SensorName: I2CBusLocation]
    ) -> Scanner.InUse {
        sensors.reduce(into: Scanner.InUse()) { inUse, sensor in
            switch sensor.place {
            case .i2c(_, let address):
                guard let bus = locations[sensor.name] else { return }
                inUse.chips[I2CChipAddress(bus: I2CBusAddress(bus), address: address)] = sensor.name
            case .oneWire(let id): inUse.oneWire[id] = sensor.name
            // What the kernel holds is left alone anyway.
            case .hwmon, .iio, .thermalZone: return
            }
        }
    }

    private static func simulatedChip(at address: UInt8) -> SensorSetup.Opening {
        { connections throws(SensorError) in
            let chip = try connections.chip(on: .adapter(SimulatedHardware.adapterName), at: address)
            return try TMP102(chip, part: Part(TMP102.name))
        }
    }

    /// The bus that a sensor shares with others, its place for people, and how it is opened.
    private typealias Resolved = (bus: (key: String, place: String), open: SensorSetup.Opening)

    private static func opening(
        _ sensor: SensorConfiguration, _ locations: [SensorName: I2CBusLocation], _ hardware: any Hardware
    ) -> Resolved? {
        guard let driver = DriverCatalog.driver(named: sensor.driver) else { return nil }
        let bus = locations[sensor.name].map { I2CBusAddress($0) }
        switch (driver.attachment, sensor.place) {
        case (.i2c(let type), .i2c(_, let address)):
            guard let bus else { return nil }
            let part = Part(sensor.driver)
            let open: SensorSetup.Opening = { connections throws(SensorError) in
                try type.init(try connections.chip(on: bus, at: address), part: part)
            }
            let chip = I2CChipAddress(bus: bus, address: address)
            let isHolderRead = sensor.whenHeld == .kernel
            let opening = isHolderRead ? SensorSetup.opening(chip, orItsHolder: open) : open
            return ((bus.description, "\(chip)"), opening)
        case (.oneWire(let type), .oneWire(let id)):
            let open: SensorSetup.Opening = { connections throws(SensorError) in
                try type.init(try connections.directory(.oneWire(id: id)), id: id)
            }
            return (("1-Wire", "1-Wire \(id)"), open)
        case (.sysfs(let type), let place):
            guard let (address, channel) = kernelDevice(type, place, bus) else { return nil }
            let open: SensorSetup.Opening = { connections throws(SensorError) in
                try type.init(try connections.directory(address), channel: channel)
            }
            let buses = locations.values.map { I2CBusAddress($0) }.sorted { $0.description < $1.description }
            let place = "\(address)" + (channel.map { " channel \($0)" } ?? "")
            return ((address.workerBus(on: hardware, among: buses), place), open)
        default: return nil
        }
    }

    /// The device of a kernel driver that a section means, and the channel of it.
    private static func kernelDevice(
        _ type: any SysfsSensorDriver.Type, _ place: SensorConfiguration.Place, _ bus: I2CBusAddress?
    ) -> (address: SysfsAddress, channel: String?)? {
        switch place {
        case .hwmon(let device), .iio(let device):
            let chip = device.chip.flatMap { chip in
                bus.map { I2CChipAddress(bus: $0, address: chip.address) }
            }
            return type.subsystem.address(name: device.name, chip: chip).map { ($0, device.channel) }
        case .thermalZone(let zone): return type.subsystem.address(name: zone, chip: nil).map { ($0, nil) }
        case .i2c, .oneWire: return nil
        }
    }
}

extension I2CBusAddress {
    /// The same place in the words of the hardware layer.
    init(_ location: I2CBusLocation) {
        switch location {
        case .adapter(let name): self = .adapter(name)
        case .adapterPrefix(let prefix): self = .adapterPrefix(prefix)
        case .controller(let name): self = .controller(name)
        case .deviceFile(let path): self = .deviceFile(path)
        }
    }
}

extension KnownDriver {
    /// Every driver of the catalog, aliases included, as the configuration checks them.
    static var all: [KnownDriver] {
        DriverCatalog.all.flatMap { driver in
            ([driver.name] + driver.aliases).map { name in
                switch driver.attachment {
                case .i2c(let type): KnownDriver(name: name, connection: .i2c(addresses: type.addresses))
                case .oneWire(let type):
                    KnownDriver(name: name, connection: .oneWire(families: type.families))
                case .sysfs(let type):
                    KnownDriver(name: name, connection: KnownDriver.Connection(type.subsystem))
                }
            }
        }
    }
}

extension KnownDriver.Connection {
    /// How sensors of a part of the kernel are found.
    init(_ subsystem: KernelSubsystem) {
        switch subsystem {
        case .hwmon: self = .hwmon
        case .iio: self = .iio
        case .thermal: self = .thermalZone
        }
    }
}
