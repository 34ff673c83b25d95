// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import Quantities
package import SensorDrivers

/// A sensor whose readings come from elsewhere than its setup says.
package struct RelocatedSensor: Sensor {
    /// Where they come from.
    package let source: Source
    private var sensor: any Sensor

    /// Says where the readings of `sensor` come from.
    package init(_ sensor: any Sensor, source: Source) {
        self.sensor = sensor
        self.source = source
    }

    /// Starts a conversion of the sensor itself.
    package mutating func startConversion() throws(SensorError) -> Duration { try sensor.startConversion() }

    /// Fetches the result of the sensor itself.
    package mutating func collect() throws(SensorError) -> Progress { try sensor.collect() }

    /// Leaves the chip of the sensor itself as it was found.
    package mutating func restore() { sensor.restore() }
}

extension SensorSetup {
    /// Opens a chip as `open` does or, where a kernel driver holds its address, that driver's hwmon, else IIO values.
    ///
    /// The address is never taken by force. Throws what `open` throws; where the kernel driver shows no values, the error of
    /// the held address says so.
    package static func opening(_ chip: I2CChipAddress, orItsHolder open: @escaping Opening) -> Opening {
        { connections throws(SensorError) in
            do throws(SensorError) {
                return try open(connections)
            } catch {
                guard var cause = error.cause, cause.kind == .busy else { throw error }
                if let sensor = shownByHolder(of: chip, connections) { return sensor }
                cause.advice = """
                    The kernel driver that holds it shows neither hwmon nor IIO values that this program reads: release \
                    the chip from it.
                    """
                throw SensorError(cause, while: error.detail)
            }
        }
    }

    private static func shownByHolder(
        of chip: I2CChipAddress, _ connections: BusConnections
    ) -> RelocatedSensor? {
        shown(.hwmon(name: nil, chip: chip), connections, Hwmon.self)
            ?? shown(.iio(name: nil, chip: chip), connections, IIO.self)
    }

    private static func shown(
        _ address: SysfsAddress, _ connections: BusConnections, _ type: any SysfsSensorDriver.Type
    ) -> RelocatedSensor? {
        // Why one of the two is not there says less than that neither is.
        guard let device = try? connections.directory(address),
            let sensor = try? type.init(device, channel: nil)
        else { return nil }
        return RelocatedSensor(sensor, source: .hardware(driver: type.name, place: "\(address)"))
    }
}
