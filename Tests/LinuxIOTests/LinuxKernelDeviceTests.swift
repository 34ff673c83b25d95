// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Testing

@testable import LinuxIO

@Suite("LinuxKernelDevice")
struct LinuxKernelDeviceTests {
    private let machine: FakeMachine
    private let device: LinuxKernelDevice

    init() throws {
        machine = try FakeMachine()
        try machine.write("21500\n", to: "sys/hwmon0/temp1_input")
        try machine.write("", to: "sys/hwmon0/humidity1_input")
        try machine.makeFolder("sys/hwmon0/power")
        try machine.write("secret", to: "sys/secret")
        device = try LinuxKernelDevice("\(machine.sysfs)/hwmon0")
    }

    @Test("an attribute is read whole, an empty one is success with no bytes, and each read is a new one")
    func reads() throws {
        #expect(try device.read("temp1_input") == Array("21500\n".utf8))
        #expect(try device.read("humidity1_input") == [])
        try machine.write("-250\n", to: "sys/hwmon0/temp1_input")
        #expect(try device.read("temp1_input") == Array("-250\n".utf8))
    }

    @Test("the directory is listed, again where it was listed before")
    func lists() {
        #expect(device.attributes() == ["humidity1_input", "power", "temp1_input"])
        #expect(device.attributes() == ["humidity1_input", "power", "temp1_input"])
    }

    @Test("an attribute is written in place, and never created")
    func writes() throws {
        try device.write(Array("21750\n".utf8), to: "temp1_input")
        #expect(try machine.text(of: "sys/hwmon0/temp1_input") == "21750\n")
        let error = #expect(throws: BusError.self) { try device.write([1], to: "update_interval") }
        #expect(error?.kind == .notFound)
    }

    @Test("a failure names the file and its number, and says what to look at")
    func failures() {
        let absent = #expect(throws: BusError.self) { try device.read("temp2_input") }
        #expect(absent?.errno == 2)
        #expect(absent?.location == "\(machine.sysfs)/hwmon0/temp2_input")
        #expect(absent?.advice.contains("kernel driver") == true)
        let folder = #expect(throws: BusError.self) { try device.read("power") }
        #expect(folder?.errno == 21)
        #expect(folder?.kind == .inputOutput)
        #expect(throws: BusError.self) { try LinuxKernelDevice("\(machine.sysfs)/hwmon1") }
    }

    @Test(
        "nothing but an attribute's name becomes part of a path",
        arguments: ["", "..", "../secret", "a/b", "A", "/etc/hostname"])
    func badAttribute(attribute: String) throws {
        #expect(throws: BusError.self) { try device.read(attribute) }
        #expect(throws: BusError.self) { try device.write([1], to: attribute) }
        #expect(try machine.text(of: "sys/secret") == "secret")
    }
}
