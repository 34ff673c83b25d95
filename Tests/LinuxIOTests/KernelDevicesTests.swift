// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Testing

@testable import LinuxIO

@Suite("KernelDevices")
struct KernelDevicesTests {
    private static let header = I2CBusAddress.adapter("bcm2835 (i2c@7e804000)")
    private let machine: FakeMachine
    private let hardware: LinuxHardware

    init() throws {
        machine = try FakeMachine()
        hardware = LinuxHardware(sysfsRoot: machine.sysfs, deviceRoot: machine.devices)
        try machine.addAdapter(1, "bcm2835 (i2c@7e804000)")
        try machine.addAdapter(11, "other")
    }

    private static func chip(_ address: UInt8, on bus: I2CBusAddress = header) -> I2CChipAddress {
        I2CChipAddress(bus: bus, address: address)
    }

    private func text(_ attribute: String, of address: SysfsAddress) throws -> String {
        String(decoding: try hardware.openSysfs(address).read(attribute), as: UTF8.self)
    }

    private func failure(_ address: SysfsAddress) -> BusError? {
        #expect(throws: BusError.self) { try hardware.openSysfs(address) }
    }

    @Test("a hwmon device is found by its name, by its chip, and by both, never by its number")
    func hwmon() throws {
        try machine.addHwmon(0, of: "soc/i2c-11/11-0048", name: "tmp102", ["temp1_input": "1\n"])
        try machine.addHwmon(1, of: "soc/i2c-1/1-0048", name: "tmp102", ["temp1_input": "2\n"])
        try machine.addHwmon(10, of: "soc/i2c-1/1-0049", name: "lm75", ["temp1_input": "3\n"])
        let chip = Self.chip(0x48)
        #expect(try text("temp1_input", of: .hwmon(name: "lm75", chip: nil)) == "3\n")
        #expect(try text("temp1_input", of: .hwmon(name: nil, chip: chip)) == "2\n")
        #expect(try text("temp1_input", of: .hwmon(name: "tmp102", chip: chip)) == "2\n")
        let other = Self.chip(0x48, on: .adapterPrefix("oth"))
        #expect(try text("temp1_input", of: .hwmon(name: nil, chip: other)) == "1\n")
        #expect(failure(.hwmon(name: "lm75", chip: chip))?.kind == .notFound)
    }

    @Test("an old driver's attributes are read where they are: in the parent")
    func oldLayout() throws {
        try machine.write("lm75\n", to: "sys/devices/soc/i2c-1/1-0048/name")
        try machine.write("21500\n", to: "sys/devices/soc/i2c-1/1-0048/temp1_input")
        try machine.link("sys/devices/soc/i2c-1/1-0048/hwmon/hwmon3/device", to: "../../../1-0048")
        try machine.link(
            "sys/class/hwmon/hwmon3", to: "../../devices/soc/i2c-1/1-0048/hwmon/hwmon3")
        #expect(try text("temp1_input", of: .hwmon(name: "lm75", chip: Self.chip(0x48))) == "21500\n")
    }

    @Test("an IIO device is found by its name and by its chip; a trigger is no device")
    func iio() throws {
        let files = ["in_temp_input": "21500\n"]
        try machine.addIIO(0, of: "soc/i2c-1/1-0076", name: "bme280", files)
        try machine.addIIO(1, of: "soc/i2c-1/1-0040", name: "hdc100x", ["in_temp_raw": "14198\n"])
        try machine.write("bme280\n", to: "sys/bus/iio/devices/trigger0/name")
        #expect(try text("in_temp_input", of: .iio(name: "bme280", chip: nil)) == "21500\n")
        #expect(try text("in_temp_raw", of: .iio(name: nil, chip: Self.chip(0x40))) == "14198\n")
    }

    @Test("a thermal zone is found by its type; a cooling device is no zone")
    func thermalZone() throws {
        try machine.addThermalZone(0, type: "gpu-thermal", millidegrees: 40_000)
        try machine.addThermalZone(1, type: "cpu-thermal", millidegrees: 48_312)
        try machine.write("cpu-thermal\n", to: "sys/class/thermal/cooling_device0/type")
        #expect(try text("temp", of: .thermalZone(type: "cpu-thermal")) == "48312\n")
    }

    @Test("a device that does not exist is answered with those that do, and where they are")
    func none() throws {
        try machine.addHwmon(0, of: "soc/i2c-1/1-0048", name: "tmp102")
        try machine.addHwmon(1, of: "virtual/thermal/thermal_zone0", name: "cpu_thermal")
        let byName = failure(.hwmon(name: "tmp112", chip: nil))
        #expect(byName?.kind == .notFound)
        #expect(
            byName?.advice
                == "Name one of the hwmon devices that exist: \"tmp102\" at adapter \"bcm2835 (i2c@7e804000)\" "
                + "address 0x48 (hwmon0), \"cpu_thermal\" (hwmon1).")
        let byChip = failure(.hwmon(name: nil, chip: Self.chip(0x49)))
        #expect(byChip?.advice.hasPrefix("The kernel shows none with that for the chip 1-0049.") == true)
        #expect(byChip?.location.contains("address 0x49") == true)
        let zone = failure(.thermalZone(type: "cpu-thermal"))
        #expect(zone?.advice.contains("The kernel has no thermal zones") == true)
        let bus = failure(.iio(name: nil, chip: Self.chip(0x76, on: .adapter("third"))))
        #expect(bus?.operation == "find I2C adapter")
    }

    @Test("a name that several devices share is refused with what tells them apart")
    func several() throws {
        try machine.addHwmon(0, of: "soc/i2c-1/1-0048", name: "tmp102")
        try machine.addHwmon(1, of: "soc/i2c-1/1-0049", name: "tmp102")
        let chips = failure(.hwmon(name: "tmp102", chip: nil))
        #expect(chips?.kind == .notFound)
        #expect(chips?.advice.hasPrefix("2 hwmon devices fit: add bus and address") == true)
        #expect(chips?.advice.contains("address 0x49 (hwmon1)") == true)
        try machine.addThermalZone(0, type: "acpitz", millidegrees: 1)
        try machine.addThermalZone(1, type: "acpitz", millidegrees: 2)
        let zones = failure(.thermalZone(type: "acpitz"))
        #expect(zones?.kind == .notFound)
        #expect(zones?.advice.contains("\"acpitz\" (thermal_zone0), \"acpitz\" (thermal_zone1)") == true)
    }

    @Test("when numbers change, an open device is gone and a new opening finds it; nobody else is read")
    func renumbered() throws {
        let (mine, other) = ("soc/i2c-1/1-0048", "soc/i2c-1/1-0049")
        try machine.addHwmon(0, of: mine, name: "tmp102", ["temp1_input": "21000\n"])
        let device = try hardware.openSysfs(.hwmon(name: nil, chip: Self.chip(0x48)))
        #expect(try device.read("temp1_input") == Array("21000\n".utf8))
        try machine.removeHwmon(0, of: mine)
        try machine.addHwmon(0, of: other, name: "tmp102", ["temp1_input": "-5000\n"])
        try machine.addHwmon(7, of: mine, name: "tmp102", ["temp1_input": "22000\n"])
        let error = #expect(throws: BusError.self) { try device.read("temp1_input") }
        #expect(error?.kind == .notFound)
        #expect(error?.errno == 2)
        #expect(device.attributes() == [])
        #expect(try text("temp1_input", of: .hwmon(name: nil, chip: Self.chip(0x48))) == "22000\n")
    }

    @Test("a zone whose number another one took over is not read through the old opening")
    func zoneNumberTakenOver() throws {
        try machine.addThermalZone(0, type: "cpu-thermal", millidegrees: 50_000)
        let zone = try hardware.openSysfs(.thermalZone(type: "cpu-thermal"))
        try machine.remove("sys/class/thermal/thermal_zone0")
        try machine.remove("sys/devices/virtual/thermal/thermal_zone0")
        try machine.addThermalZone(0, type: "gpu-thermal", millidegrees: 90_000)
        let error = #expect(throws: BusError.self) { try zone.read("temp") }
        #expect(error?.kind == .notFound)
    }

    @Test("every device is listed by number with its chip and the attributes that hold values")
    func listing() throws {
        try machine.addHwmon(10, of: "virtual/thermal/thermal_zone0", name: "cpu_thermal")
        let files = ["temp1_input": "1\n", "temp1_max": "2\n", "humidity1_input": "3\n", "uevent": ""]
        try machine.addHwmon(2, of: "soc/i2c-1/1-0044", name: "sht4x", files)
        try machine.addIIO(
            0, of: "soc/i2c-11/11-0076", name: "bme280",
            ["in_temp_input": "1\n", "in_temp_raw": "", "dev": ""])
        try machine.addThermalZone(0, type: "cpu-thermal", millidegrees: 50_000)
        // The bridge at 0x18 is no thermometer: what hangs on its 1-Wire bus is.
        try machine.addHwmon(
            3, of: "soc/i2c-1/1-0018/w1_bus_master1/28-0316a279fcff", name: "w1_slave_temp")
        try machine.makeFolder("sys/class/hwmon/hwmon9")
        let expected = [
            KernelSensor(
                .hwmon(name: "sht4x", chip: Self.chip(0x44)), chip: (1, 0x44),
                attributes: ["humidity1_input", "temp1_input"]),
            KernelSensor(.hwmon(name: "w1_slave_temp", chip: nil), attributes: []),
            KernelSensor(.hwmon(name: "cpu_thermal", chip: nil), attributes: []),
            KernelSensor(
                .iio(name: "bme280", chip: Self.chip(0x76, on: .adapter("other"))), chip: (11, 0x76),
                attributes: ["in_temp_input", "in_temp_raw"]),
            KernelSensor(.thermalZone(type: "cpu-thermal"), attributes: ["temp"]),
        ]
        #expect(hardware.kernelSensors() == expected)
        for sensor in expected { _ = try hardware.openSysfs(sensor.address) }
    }

    @Test("a machine that shows nothing lists nothing")
    func nothing() { #expect(hardware.kernelSensors() == []) }

    @Test("what this very machine shows can be listed, and what has a name of its own can be opened")
    func thisMachine() {
        let hardware = LinuxHardware()
        let sensors = hardware.kernelSensors()
        for sensor in sensors where sensors.filter({ $0.address == sensor.address }).count == 1 {
            // A device may go at any moment, and a container may hide it.
            guard let device = try? hardware.openSysfs(sensor.address) else { continue }
            #expect(Set(device.attributes()).isSuperset(of: sensor.attributes), "\(sensor)")
        }
    }

    @Test(
        "the kernel's name of an I²C device is taken apart, and nothing else is taken for one",
        arguments: [
            ("1-0048", I2CPlace(adapter: 1, address: 0x48)), ("12-0008", I2CPlace(adapter: 12, address: 8)),
            ("1-0080", nil), ("1-a048", nil), ("1-48", nil), ("01-0048", nil), ("-1-0048", nil),
            ("28-0316a279fcff", nil), ("1-004G", nil), ("", nil), ("1-+048", nil), ("thermal_zone0", nil),
        ] as [(String, I2CPlace?)])
    func places(name: String, place: I2CPlace?) { #expect(I2CPlace(ofDevice: name) == place) }

    @Test("an adapter is addressed by its name, else by its controller, else by its device file")
    func adapterAddress() {
        let alone = I2CAdapter(number: 1, name: "a", deviceFile: "/dev/i2c-1")
        let twin = I2CAdapter(number: 2, name: "b", controller: "c", deviceFile: "/dev/i2c-2")
        let other = I2CAdapter(number: 3, name: "b", deviceFile: "/dev/i2c-3")
        let all = [alone, twin, other]
        #expect(
            all.map { $0.address(among: all) } == [
                .adapter("a"), .controller("c"), .deviceFile("/dev/i2c-3"),
            ])
    }
}
