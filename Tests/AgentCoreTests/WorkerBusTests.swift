// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import HardwareIO
import Quantities
import Testing

/// Which thread reads which device of a kernel driver.
@Suite("Worker of a kernel device") struct WorkerBusTests {
    /// A machine that only lists.
    private struct Listing: Hardware {
        var adapters: [I2CAdapter] = []
        var sensors: [KernelSensor] = []

        func i2cAdapters() -> [I2CAdapter] { adapters }
        func oneWireIDs() -> [String] { [] }
        func kernelSensors() -> [KernelSensor] { sensors }
        func openI2C(_ bus: I2CBusAddress) throws(BusError) -> sending any I2CBus { throw none }
        func openSysfs(_ device: SysfsAddress) throws(BusError) -> sending any SysfsDevice { throw none }
        func openLine(_ line: LineAddress, _ use: LineUse) throws(BusError) -> sending any OutputLine {
            throw none
        }
        private var none: BusError { BusError(.notFound, operation: "open", location: "test") }
    }

    private static let chip = I2CChipAddress(bus: .adapter("header"), address: 0x48)
    private let machine = Listing(
        adapters: [I2CAdapter(number: 1, name: "header", controller: "soc", deviceFile: "/dev/i2c-1")],
        sensors: [
            KernelSensor(.hwmon(name: "tmp102", chip: chip), chip: (1, 0x48), attributes: []),
            KernelSensor(.iio(name: "bme280", chip: chip), chip: (1, 0x76), attributes: []),
            KernelSensor(.hwmon(name: "lost", chip: nil), chip: (9, 0x48), attributes: []),
            KernelSensor(.hwmon(name: "nvme", chip: nil), attributes: []),
            KernelSensor(.hwmon(name: "twin", chip: chip), chip: (1, 0x49), attributes: []),
            KernelSensor(.hwmon(name: "twin", chip: chip), chip: (1, 0x4A), attributes: []),
        ])

    @Test("a device that is named by its chip belongs to the chip's bus as the configuration calls it")
    func byChip() {
        let chip = I2CChipAddress(bus: .deviceFile("/dev/i2c-1"), address: 0x48)
        #expect(SysfsAddress.hwmon(name: "x", chip: chip).workerBus(on: Listing(), among: []) == "/dev/i2c-1")
        #expect(SysfsAddress.iio(name: nil, chip: chip).workerBus(on: Listing(), among: []) == "/dev/i2c-1")
    }

    @Test("a device that is named alone belongs to the bus of the chip that it turns out to be")
    func byName() {
        let device = SysfsAddress.hwmon(name: "tmp102", chip: nil)
        let others: [I2CBusAddress] = [.adapter("other"), .controller("soc")]
        #expect(device.workerBus(on: machine, among: others) == I2CBusAddress.controller("soc").description)
        #expect(device.workerBus(on: machine, among: []) == I2CBusAddress.adapter("header").description)
        let iio = SysfsAddress.iio(name: "bme280", chip: nil)
        #expect(iio.workerBus(on: machine, among: []) == I2CBusAddress.adapter("header").description)
    }

    @Test(
        "what is on no bus, absent or not the only one of its name has a worker of its own, so that it hangs alone",
        arguments: [
            .hwmon(name: "nvme", chip: nil), .hwmon(name: "lost", chip: nil),
            .hwmon(name: "twin", chip: nil), .hwmon(name: "absent", chip: nil),
            .iio(name: "tmp102", chip: nil), .thermalZone(type: "cpu-thermal"),
        ] as [SysfsAddress])
    func alone(address: SysfsAddress) {
        #expect(address.workerBus(on: machine, among: [.adapter("header")]) == address.description)
    }

    @Test("1-Wire thermometers have a worker of their own")
    func oneWire() {
        #expect(SysfsAddress.oneWire(id: "28-0316a279fcff").workerBus(on: machine, among: []) == "1-Wire")
    }
}
