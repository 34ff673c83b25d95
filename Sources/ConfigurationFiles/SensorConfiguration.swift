// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// `[sensors.NAME]`: one sensor of the installation.
package struct SensorConfiguration: Sendable, Hashable {
    /// What stands in for a configured chip that is absent.
    package enum Fallback: String, Sendable, Hashable, CaseIterable {
        /// A chip model in memory; its readings are marked.
        case simulated
    }

    /// Where the chip is.
    package enum Place: Sendable, Hashable {
        /// `bus` and `address` (7 bits).
        case i2c(bus: BusReference, address: UInt8)
        /// `id`: the 1-Wire id, for example `28-0316a279fcff`.
        case oneWire(id: String)
        /// `name`, or `bus` and `address`, or all of them: a device of the kernel's hwmon class.
        case hwmon(KernelDevice)
        /// `name`, or `bus` and `address`, or all of them: a device of the kernel's IIO subsystem.
        case iio(KernelDevice)
        /// `type`: a thermal zone, for example `cpu-thermal`.
        case thermalZone(type: String)

        /// The I²C bus that it names; `nil` where it names none.
        package var bus: BusReference? {
            switch self {
            case .i2c(let bus, _): bus
            case .hwmon(let device), .iio(let device): device.chip?.bus
            case .oneWire, .thermalZone: nil
            }
        }
    }

    /// A device that a kernel driver measures with: by name, by chip, or by both.
    package struct KernelDevice: Sendable, Hashable {
        /// `name`: what the kernel driver calls itself; `nil` where the chip says enough.
        package var name: String?
        /// `bus` and `address` of the chip that it stands for; `nil` where the name says enough.
        package var chip: Chip?
        /// `channel`, for example `temp2`; `nil` for the first of each quantity.
        package var channel: String?

        /// Describes a device.
        package init(name: String? = nil, chip: Chip? = nil, channel: String? = nil) {
            self.name = name
            self.chip = chip
            self.channel = channel
        }
    }

    /// A chip's place: `bus` and `address` (7 bits).
    package struct Chip: Sendable, Hashable {
        /// The bus that the chip is on.
        package var bus: BusReference
        /// The 7-bit address.
        package var address: UInt8

        /// Names a place.
        package init(bus: BusReference, address: UInt8) {
            self.bus = bus
            self.address = address
        }
    }

    /// What happens where a kernel driver holds the address of a configured chip.
    package enum WhenHeld: String, Sendable, Hashable, CaseIterable {
        /// That driver's values are read instead.
        case kernel
    }

    /// The section's name, `[a-z0-9]+`.
    package var name: SensorName
    /// `driver`: one of the known drivers.
    package var driver: String
    /// Where the chip is.
    package var place: Place
    /// `offset`: degrees Celsius added to every temperature; −20…20, default 0.
    package var offset: Double
    /// `fallback`; `nil` where an absent chip is a failed sensor.
    package var fallback: Fallback?
    /// `interval`: time between two conversions; 500 ms…1 h; `nil` where unset: the telemetry interval, at most 8 s, holds.
    package var interval: Duration?
    /// `when-held`; `nil` where a chip whose address a kernel driver holds is a failed sensor.
    package var whenHeld: WhenHeld?

    /// Makes the section from its values.
    package init(
        name: SensorName, driver: String, place: Place, offset: Double = 0, fallback: Fallback? = nil,
        interval: Duration? = nil, whenHeld: WhenHeld? = nil
    ) {
        self.name = name
        self.driver = driver
        self.place = place
        self.offset = offset
        self.fallback = fallback
        self.interval = interval
        self.whenHeld = whenHeld
    }
}

/// The `bus` of a sensor, as written.
package enum BusReference: Sendable, Hashable, CustomStringConvertible {
    /// A bus name of the board file, for example `header`.
    case board(String)
    /// A place given without the board file: `adapter:NAME`, `adapter-prefix:TEXT`, `controller:NAME` or `/dev/i2c-N`.
    case location(I2CBusLocation)

    /// The text as it is written in the configuration.
    package var description: String {
        switch self {
        case .board(let name): name
        case .location(let location): location.description
        }
    }
}

/// An I²C bus on the machine, named by something that does not change between boots.
package enum I2CBusLocation: Sendable, Hashable, CustomStringConvertible {
    /// The adapter's whole name as in `/sys/bus/i2c/devices/i2c-*/name`.
    case adapter(String)
    /// The beginning of the adapter's name, where the kernel appends what changes (USB bus and device number).
    case adapterPrefix(String)
    /// The name of the adapter's parent device, for example `1f00074000.i2c`, where adapters share one name.
    case controller(String)
    /// A device file, for example `/dev/i2c-1`; only where the operator insists on a number.
    case deviceFile(String)

    /// The text as it is written in the configuration.
    package var description: String {
        switch self {
        case .adapter(let name): "adapter:\(name)"
        case .adapterPrefix(let prefix): "adapter-prefix:\(prefix)"
        case .controller(let name): "controller:\(name)"
        case .deviceFile(let path): path
        }
    }
}

/// A driver that the program has, with what it needs to know of a chip.
package struct KnownDriver: Sendable, Hashable {
    /// How the driver's chips are connected.
    package enum Connection: Sendable, Hashable {
        /// By bus and one of these 7-bit addresses.
        case i2c(addresses: [UInt8])
        /// By a 1-Wire id that begins with one of these family codes, two hexadecimal digits.
        case oneWire(families: [String])
        /// Through the kernel's hwmon class: by name, or by bus and address.
        case hwmon
        /// Through the kernel's IIO subsystem: by name, or by bus and address.
        case iio
        /// As a thermal zone: by type.
        case thermalZone
    }

    /// The word in `driver =`.
    package var name: String
    /// How its chips are connected.
    package var connection: Connection

    /// Names a driver.
    package init(name: String, connection: Connection) {
        self.name = name
        self.connection = connection
    }
}
