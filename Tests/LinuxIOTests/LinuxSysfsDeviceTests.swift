// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Testing

@testable import LinuxIO

@Suite("LinuxSysfsDevice")
struct LinuxSysfsDeviceTests {
    private static let id = "28-0316a279fcff"
    private let machine: FakeMachine
    private let hardware: LinuxHardware

    init() throws {
        machine = try FakeMachine()
        hardware = LinuxHardware(sysfsRoot: machine.sysfs, deviceRoot: machine.devices)
    }

    private func addDevice(_ id: String = Self.id, slaveText: String = "text\n") throws {
        try machine.write(slaveText, to: "sys/bus/w1/devices/\(id)/w1_slave")
    }

    @Test("an attribute is read whole, and an empty one is success with no bytes")
    func reads() throws {
        try addDevice()
        try machine.write("", to: "sys/bus/w1/devices/\(Self.id)/temperature")
        let device = try hardware.openSysfs(.oneWire(id: Self.id))
        #expect(try device.read("w1_slave") == Array("text\n".utf8))
        #expect(try device.read("temperature") == [])
        try addDevice(slaveText: "newer\n")
        #expect(try device.read("w1_slave") == Array("newer\n".utf8))
    }

    @Test("an attribute is written in place, and never created")
    func writes() throws {
        try addDevice()
        try machine.write("0\n", to: "sys/bus/w1/devices/\(Self.id)/features")
        let device = try hardware.openSysfs(.oneWire(id: Self.id))
        try device.write(Array("3\n".utf8), to: "features")
        #expect(try machine.text(of: "sys/bus/w1/devices/\(Self.id)/features") == "3\n")
        let error = #expect(throws: BusError.self) { try device.write([1], to: "conv_time") }
        #expect(error?.kind == .notFound)
    }

    @Test("a device that vanishes gives an error with its number, and works again when it is back")
    func vanishes() throws {
        try addDevice()
        let device = try hardware.openSysfs(.oneWire(id: Self.id))
        try machine.remove("sys/bus/w1/devices/\(Self.id)")
        let error = #expect(throws: BusError.self) { try device.read("w1_slave") }
        #expect(error?.kind == .notFound)
        #expect(error?.errno == 2)
        #expect(error?.advice.isEmpty == false)
        try addDevice()
        #expect(try device.read("w1_slave") == Array("text\n".utf8))
    }

    @Test("an absent device is answered with those that the kernel sees, phantoms left out")
    func absent() throws {
        try addDevice("28-00000a1b2c3d")
        try addDevice("00-800000000000")
        try machine.makeFolder("sys/bus/w1/devices/w1_bus_master1")
        #expect(hardware.oneWireIDs() == ["28-00000a1b2c3d"])
        let error = #expect(throws: BusError.self) { try hardware.openSysfs(.oneWire(id: Self.id)) }
        #expect(error?.kind == .notFound)
        #expect(error?.advice.contains("28-00000a1b2c3d") == true)
    }

    @Test("a machine without 1-Wire, and one with an empty bus, are told apart")
    func nothingThere() throws {
        let without = #expect(throws: BusError.self) { try hardware.openSysfs(.oneWire(id: Self.id)) }
        #expect(without?.advice.contains("enable 1-Wire") == true)
        try machine.makeFolder("sys/bus/w1/devices")
        let empty = #expect(throws: BusError.self) { try hardware.openSysfs(.oneWire(id: Self.id)) }
        #expect(empty?.advice.contains("check wiring") == true)
    }

    @Test(
        "nothing but an id becomes part of a path",
        arguments: ["", "..", "28-../../../../x", "28-0316A279FCFF", "28-0316a279fcf/", "w1_bus_master1"])
    func badID(id: String) throws {
        try machine.makeFolder("sys/bus/w1/devices/w1_bus_master1")
        let error = #expect(throws: BusError.self) { try hardware.openSysfs(.oneWire(id: id)) }
        #expect(error?.kind == .notFound)
        #expect(error?.advice.contains("28-0316a279fcff") == true)
    }

    @Test(
        "nothing but an attribute's name becomes part of a path", arguments: ["", "..", "../x", "a/b", "A"])
    func badAttribute(attribute: String) throws {
        try addDevice()
        try machine.write("secret", to: "sys/bus/w1/devices/x")
        let device = try hardware.openSysfs(.oneWire(id: Self.id))
        #expect(throws: BusError.self) { try device.read(attribute) }
        #expect(throws: BusError.self) { try device.write([1], to: attribute) }
        #expect(try machine.text(of: "sys/bus/w1/devices/x") == "secret")
    }

    @Test("reading a folder is an error with its number")
    func folder() throws {
        try machine.makeFolder("sys/bus/w1/devices/\(Self.id)/hwmon")
        let device = try hardware.openSysfs(.oneWire(id: Self.id))
        let error = #expect(throws: BusError.self) { try device.read("hwmon") }
        #expect(error?.kind == .inputOutput)
        #expect(error?.errno == 21)
    }
}
