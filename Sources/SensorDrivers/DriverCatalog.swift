// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A driver of the catalog: its names, what it reads, and how to make a sensor of it.
package struct SensorDriver: Sendable {
    /// How the part is attached, and with that what a configuration must say about it.
    package enum Attachment: Sendable {
        /// An I²C chip: needs a bus and one of the driver's addresses.
        case i2c(any I2CSensorDriver.Type)
        /// A 1-Wire thermometer of the kernel: needs its full id.
        case oneWire(any OneWireSensorDriver.Type)
        /// A device that a kernel driver measures with: needs what it is called, or the chip that it stands for.
        case sysfs(any SysfsSensorDriver.Type)
    }

    /// The name as written in `agent.toml`, lower case.
    package let name: String
    /// Other names of parts that this driver reads as well.
    package let aliases: [String]
    /// One line for people: maker and what the part measures.
    package let summary: String
    /// How the part is attached.
    package let attachment: Attachment

    /// The 7-bit I²C addresses that the part can have; empty for other attachments.
    package var addresses: [UInt8] {
        if case .i2c(let type) = attachment { type.addresses } else { [] }
    }

    fileprivate init(_ type: any I2CSensorDriver.Type, aliases: [String] = [], summary: String) {
        name = type.name
        self.aliases = aliases
        self.summary = summary
        attachment = .i2c(type)
    }

    fileprivate init(_ type: any OneWireSensorDriver.Type, aliases: [String] = [], summary: String) {
        name = type.name
        self.aliases = aliases
        self.summary = summary
        attachment = .oneWire(type)
    }

    fileprivate init(_ type: any SysfsSensorDriver.Type, summary: String) {
        name = type.name
        aliases = []
        self.summary = summary
        attachment = .sysfs(type)
    }
}

/// All drivers, in one list.
package enum DriverCatalog {
    /// Every driver, in the order in which people see them.
    package static let all: [SensorDriver] = [
        SensorDriver(TMP102.self, aliases: ["tmp112"], summary: "TI TMP102 and TMP112: temperature"),
        SensorDriver(TMP117.self, summary: "TI TMP117: temperature within 0.1 °C"),
        SensorDriver(
            LM75.self,
            aliases: [
                "lm75a", "lm75b", "tmp75", "tmp175", "tmp275", "tmp105", "stlm75", "tcn75", "pct2075",
            ],
            summary: "LM75 family of many makers: temperature"),
        SensorDriver(MCP9808.self, summary: "Microchip MCP9808: temperature"),
        SensorDriver(
            ADT7410.self, aliases: ["adt7420"],
            summary: "Analog Devices ADT7410 and ADT7420: temperature"),
        SensorDriver(BME280.self, summary: "Bosch BME280: temperature, humidity, pressure"),
        SensorDriver(BMP280.self, summary: "Bosch BMP280: temperature, pressure"),
        SensorDriver(
            BMP180.self, aliases: ["bmp085"], summary: "Bosch BMP180 and BMP085: temperature, pressure"),
        SensorDriver(
            DS18B20.self,
            aliases: ["ds18s20", "ds1822", "ds1825", "ds28ea00", "max31820", "max31850"],
            summary: "Maxim DS18B20 and its family: temperature over 1-Wire"),
        SensorDriver(
            SHT3x.self, aliases: ["sht30", "sht31", "sht35"],
            summary: "Sensirion SHT30, SHT31 and SHT35: temperature and humidity"),
        SensorDriver(
            SHT4x.self, aliases: ["sht40", "sht41", "sht45"],
            summary: "Sensirion SHT40, SHT41 and SHT45: temperature and humidity"),
        SensorDriver(
            Si7021.self, aliases: ["si7020", "si7013", "htu21d", "sht20", "sht21"],
            summary:
                "Silicon Labs Si7021 and its family, TE HTU21D, Sensirion SHT2x: temperature and humidity"),
        SensorDriver(
            AHT20.self, aliases: ["aht21", "dht20"],
            summary: "Aosong AHT20, AHT21 and DHT20: temperature and humidity"),
        SensorDriver(HDC1080.self, summary: "TI HDC1080: temperature and humidity"),
        SensorDriver(
            HDC2080.self, aliases: ["hdc2010"], summary: "TI HDC2080 and HDC2010: temperature and humidity"),
        SensorDriver(Hwmon.self, summary: "A chip of the kernel's hwmon drivers: temperature, humidity"),
        SensorDriver(
            IIO.self, summary: "A chip of the kernel's IIO drivers: temperature, humidity, pressure"),
        SensorDriver(
            ThermalZone.self, summary: "A thermal zone of the kernel, such as the processor's: temperature"),
    ]

    /// The driver with that name or alias.
    package static func driver(named name: String) -> SensorDriver? {
        all.first { $0.name == name || $0.aliases.contains(name) }
    }

    /// Every name and alias, for error texts.
    package static var names: [String] { all.flatMap { [$0.name] + $0.aliases } }
}
