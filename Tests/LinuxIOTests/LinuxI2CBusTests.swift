// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Testing

@testable import LinuxIO

@Suite("LinuxI2CBus")
struct LinuxI2CBusTests {
    private let machine: FakeMachine
    private let hardware: LinuxHardware

    init() throws {
        machine = try FakeMachine()
        hardware = LinuxHardware(sysfsRoot: machine.sysfs, deviceRoot: machine.devices)
    }

    private func failure(_ address: I2CBusAddress) -> BusError? {
        #expect(throws: BusError.self) { try hardware.openI2C(address) }
    }

    @Test("adapters are listed by number, and chips and broken entries are not adapters")
    func listing() throws {
        try machine.addAdapter(10, "bcm2835 (i2c@7e804000)")
        try machine.addAdapter(2, "SMBus stub driver")
        try machine.write("tmp102\n", to: "sys/bus/i2c/devices/2-0048/name")
        try machine.makeFolder("sys/bus/i2c/devices/i2c-7")
        try machine.write("x\n", to: "sys/bus/i2c/devices/i2c-seven/name")
        let adapters = hardware.i2cAdapters()
        #expect(adapters.map(\.number) == [2, 10])
        #expect(adapters.map(\.name) == ["SMBus stub driver", "bcm2835 (i2c@7e804000)"])
        #expect(adapters.map(\.deviceFile) == [2, 10].map { "\(machine.devices)/i2c-\($0)" })
    }

    @Test("a kernel driver that holds an address is named with it")
    func holders() throws {
        try machine.addAdapter(1, "bcm2835 (i2c@7e804000)")
        try machine.addAdapter(11, "other")
        try machine.makeFolder("sys/bus/i2c/drivers/tmp102")
        try machine.write("tmp102\n", to: "sys/bus/i2c/devices/1-0048/name")
        try machine.link("sys/bus/i2c/devices/1-0048/driver", to: "../../drivers/tmp102")
        try machine.write("bme280\n", to: "sys/bus/i2c/devices/1-0076/name")
        #expect(hardware.i2cAdapters().map(\.holders) == [[0x48: "tmp102"], [:]])
    }

    @Test("an unknown name is answered with the names that exist")
    func unknownName() throws {
        try machine.addAdapter(3, "i2c-tiny-usb at bus 001 device 002")
        let error = failure(.adapter("bcm2835 (i2c@7e804000)"))
        #expect(error?.kind == .notFound)
        #expect(error?.advice.contains("\"i2c-tiny-usb at bus 001 device 002\"") == true)
    }

    @Test("a machine without adapters is told to get some")
    func noAdapters() {
        #expect(hardware.i2cAdapters() == [])
        #expect(failure(.adapter("any"))?.advice.contains("no I2C adapter") == true)
    }

    @Test("a name that two adapters share is refused with both device files")
    func ambiguous() throws {
        try machine.addAdapter(4, "twin")
        try machine.addAdapter(5, "twin")
        let error = failure(.adapter("twin"))
        #expect(error?.kind == .notFound)
        #expect(error?.advice.contains("\(machine.devices)/i2c-4") == true)
        #expect(error?.advice.contains("\(machine.devices)/i2c-5") == true)
    }

    @Test("an adapter without its device file asks for the module that makes it")
    func noDeviceFile() throws {
        try machine.addAdapter(3, "lonely")
        let error = failure(.adapter("lonely"))
        #expect(error?.kind == .notFound)
        #expect(error?.errno == 2)
        #expect(error?.advice.contains("i2c-dev") == true)
    }

    @Test("a file that is no I²C device says so")
    func notADevice() throws {
        try machine.write("", to: "dev/i2c-3")
        let error = failure(.deviceFile("\(machine.devices)/i2c-3"))
        #expect(error?.kind == .unsupported)
        #expect(error?.operation == "ioctl(I2C_FUNCS)")
        #expect(error?.description.contains("It is not an I2C device file.") == true)
    }

    @Test("the driver that holds an address is named")
    func holder() throws {
        try machine.link("sys/bus/i2c/devices/3-0048/driver", to: "../../drivers/tmp102")
        let adapters = I2CAdapters(sysfsRoot: machine.sysfs, deviceRoot: machine.devices)
        #expect(adapters.holder(of: 0x48, deviceFile: "\(machine.devices)/i2c-3") == "tmp102")
        #expect(adapters.holder(of: 0x49, deviceFile: "\(machine.devices)/i2c-3") == nil)
        #expect(adapters.holder(of: 0x48, deviceFile: "\(machine.devices)/i2c-x") == nil)
        #expect(I2CAdapters.deviceName(12, 0x08) == "12-0008")
    }

    @Test("an adapter is present as long as the kernel lists it")
    func presence() throws {
        try machine.addAdapter(3, "here")
        let adapters = I2CAdapters(sysfsRoot: machine.sysfs, deviceRoot: machine.devices)
        #expect(adapters.isPresent(deviceFile: "\(machine.devices)/i2c-3"))
        try machine.remove("sys/bus/i2c/devices/i2c-3")
        #expect(!adapters.isPresent(deviceFile: "\(machine.devices)/i2c-3"))
        #expect(!adapters.isPresent(deviceFile: "/dev/null"))
    }
}
