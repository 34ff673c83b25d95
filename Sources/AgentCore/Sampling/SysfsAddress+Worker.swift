// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO

extension SysfsAddress {
    /// The bus of the worker that reads the device.
    ///
    /// A device that stands for an I²C chip belongs to that chip's bus, because a read of it blocks like the bus itself:
    /// to the one of `buses` that means its adapter, where there is one. Every other device has a worker of its own: a disk
    /// that hangs says nothing of the processor's thermal zone.
    package func workerBus(on hardware: any Hardware, among buses: [I2CBusAddress]) -> String {
        switch self {
        case .oneWire: return "1-Wire"
        case .hwmon(_, let chip?), .iio(_, let chip?): return chip.bus.description
        case .hwmon, .iio:
            let adapters = hardware.i2cAdapters()
            let matches = hardware.kernelSensors().filter { $0.address.isMeant(by: self) }
            guard matches.count == 1, let number = matches.first?.chip?.adapter,
                let adapter = adapters.first(where: { $0.number == number })
            else { return description }
            let bus = buses.first { $0.names(adapter) } ?? adapter.address(among: adapters)
            return bus.description
        case .thermalZone: return description
        }
    }

    /// Whether a device at this address is one that `other` finds by its name.
    private func isMeant(by other: SysfsAddress) -> Bool {
        switch (self, other) {
        case (.hwmon(let name?, _), .hwmon(let wanted?, nil)), (.iio(let name?, _), .iio(let wanted?, nil)):
            name == wanted
        default: false
        }
    }
}
