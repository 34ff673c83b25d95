// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles
import HardwareIO
import Quantities
import SensorDrivers
import Testing

@testable import sensor_agent

@Suite("What a scan proposes for agent.toml") struct ScanTOMLTests {
    private struct OneFile: ConfigurationFileReader {
        let text: String
        func read(_ path: String) throws(FileReadFailure) -> [UInt8] { Array(text.utf8) }
    }

    private func load(_ text: String) throws(ConfigurationErrors) -> AgentConfiguration {
        try AgentConfiguration.load(
            ConfigurationSources(configFile: "/c/agent.toml", drivers: KnownDriver.all),
            files: OneFile(text: text))
    }

    @Test("loads, names every recognised chip once, and its buses are those of the machine")
    func loads() throws {
        let board = try ScanReports.testBoard()
        let text = ScanTOML(ScanReports.everything, board: board, choice: .init(name: "test-board")).text
        let configuration = try load(text)
        #expect(configuration.board.name == "test-board")
        let places = configuration.sensors.reduce(into: [:]) { $0[$1.name.text] = $1.place }
        #expect(
            places == [
                "tmp102a": .i2c(bus: .board("header"), address: 0x48),
                "tmp102b": .i2c(bus: .board("header"), address: 0x49),
                "tmp102d": .i2c(bus: .location(.controller("one")), address: 0x48),
                "tmp102c": .hwmon(.init(chip: .init(bus: .board("header"), address: 0x4B))),
                "ds18s20": .oneWire(id: "10-000802b5d5d1"), "ds18b20": .oneWire(id: "28-0316a279fcff"),
            ])
        #expect(
            try configuration.i2cLocations(on: board)[SensorName("tmp102a")]
                == .adapter("bcm2835 (i2c@7e804000)"))
    }

    @Test("what a kernel driver holds is proposed only where it measures, and whatever it is called")
    func held() throws {
        func sensors(_ device: ScanReport.KernelDevice) throws -> [SensorConfiguration] {
            let report = ScanReport(
                adapters: [
                    .init(
                        number: 1, name: "a", deviceFile: "/dev/i2c-1",
                        chips: [.init(0x50, .held(driver: "x"))])
                ], kernelSensors: [device])
            return try load(ScanTOML(report, board: nil).text).sensors
        }
        let bus = BusReference.location(.adapter("a"))
        let odd = try sensors(
            .init(kind: .iio, name: "odd-Name 2", adapter: 1, address: 0x50, attributes: ["in_temp_input"]))
        #expect(odd.map(\.name.text) == ["oddname2"])
        #expect(odd.map(\.place) == [.iio(.init(chip: .init(bus: bus, address: 0x50)))])
        #expect(
            try sensors(.init(kind: .hwmon, name: "-", adapter: 2, address: 0x50, attributes: ["t"])) == [])
        #expect(
            try sensors(.init(kind: .hwmon, name: "-", adapter: 1, address: 0x51, attributes: ["t"])) == [])
        #expect(try sensors(.init(kind: .hwmon, name: "-", adapter: 1, address: 0x50, attributes: [])) == [])
        let nameless = try sensors(
            .init(kind: .hwmon, name: "-", adapter: 1, address: 0x50, attributes: ["temp1_input"]))
        #expect(nameless.map(\.name.text) == ["sensor"])
    }

    @Test("every alternative loads as well") func alternatives() throws {
        let board = try ScanReports.testBoard()
        let text = ScanTOML(ScanReports.everything, board: board).text
        let other = text.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line in
            line.hasPrefix("driver = \"tmp102\"") ? nil : line.replacing("# driver = ", with: "driver = ")
        }.joined(separator: "\n")
        let drivers = try load(other).sensors.map(\.driver)
        #expect(drivers.filter { $0 == "tmp112" }.count == 3)
    }

    @Test("a section loads for every name that a chip can be told by and that has a driver")
    func everyDriver() throws {
        for driver in DriverCatalog.all where !driver.addresses.isEmpty {
            for name in [driver.name] + driver.aliases {
                let chips = driver.addresses.map { address in
                    ScanReport.Chip(address, .identified(.known(name)))
                }
                let report = ScanReport(adapters: [
                    .init(number: 3, name: "an adapter", deviceFile: "/dev/i2c-3", chips: chips)
                ])
                let sensors = try load(ScanTOML(report, board: nil).text).sensors
                #expect(sensors.count == chips.count, "\(name)")
                #expect(sensors.allSatisfy { $0.driver == name })
            }
        }
    }

    @Test(
        "an adapter's name survives, whatever is in it, or the adapter is named otherwise",
        arguments: [
            ("plain", "adapter:plain"), ("with \"quotes\" and \\", "adapter:with \"quotes\" and \\"),
            ("umlaut ä", "adapter:umlaut ä"), ("line\nbreak", "controller:parent"),
            ("", "controller:parent"), (String(repeating: "x", count: 300), "controller:parent"),
        ])
    func adapterNames(name: String, expected: String) throws {
        let report = ScanReport(adapters: [
            .init(
                number: 7, name: name, controller: "parent", deviceFile: "/elsewhere/i2c-7",
                chips: [.init(0x48, .identified(.known("tmp102")))])
        ])
        let sensors = try load(ScanTOML(report, board: nil).text).sensors
        #expect(sensors.map(\.place) == [.i2c(bus: try #require(Self.reference(expected)), address: 0x48)])
    }

    private static func reference(_ text: String) -> BusReference? {
        for (prefix, make) in [
            ("adapter:", I2CBusLocation.adapter), ("controller:", I2CBusLocation.controller),
        ] where text.hasPrefix(prefix) {
            return .location(make(String(text.dropFirst(prefix.count))))
        }
        return nil
    }

    @Test("adapters that nothing but the number tells apart are named by it") func byNumber() throws {
        let chip = ScanReport.Chip(0x48, .identified(.known("tmp102")))
        let report = ScanReport(adapters: [
            .init(number: 4, name: "same", deviceFile: "/dev/i2c-4", chips: [chip]),
            .init(number: 5, name: "same", deviceFile: "/dev/i2c-5", chips: [chip]),
        ])
        let sensors = try load(ScanTOML(report, board: nil).text).sensors
        #expect(
            Set(sensors.map(\.place)) == [
                .i2c(bus: .location(.deviceFile("/dev/i2c-4")), address: 0x48),
                .i2c(bus: .location(.deviceFile("/dev/i2c-5")), address: 0x48),
            ])
    }

    @Test("a board's bus is named only where it means exactly one adapter") func ambiguousBoardBus() throws {
        let board = try ScanReports.board(at: ScanReports.boardFile("emulated-machine"))
        let chip = ScanReport.Chip(0x48, .identified(.known("tmp102")))
        func adapter(_ number: Int) -> ScanReport.Adapter {
            .init(
                number: number, name: "i2c-tiny-usb at bus 001 device 00\(number)",
                deviceFile: "/dev/i2c-\(number)", chips: [chip])
        }
        let one = try load(ScanTOML(ScanReport(adapters: [adapter(2)]), board: board).text)
        #expect(one.sensors.map(\.place) == [.i2c(bus: .board("usb"), address: 0x48)])
        let two = try load(ScanTOML(ScanReport(adapters: [adapter(2), adapter(3)]), board: board).text)
        #expect(two.sensors.allSatisfy { if case .board? = $0.place.busReference { false } else { true } })
    }

    @Test("many chips of one kind all get names of their own") func manyNames() throws {
        let devices = (0..<120).map { index in
            let digits = String(index, radix: 16)
            return ScanReport.OneWireDevice(
                id: "28-" + String(repeating: "0", count: 12 - digits.count) + digits,
                finding: .identified(.known("ds18b20")))
        }
        let sensors = try load(ScanTOML(ScanReport(oneWire: devices), board: nil).text).sensors
        #expect(sensors.count == 120)
    }

    @Test("nothing recognised, nothing proposed; a chip without a driver is a comment") func nothing() throws
    {
        #expect(ScanTOML(ScanReport(), board: nil).text.isEmpty)
        let report = ScanReport(adapters: [
            .init(
                number: 1, name: "a", deviceFile: "/dev/i2c-1",
                chips: [.init(0x76, .identified(.known("bme688"))), .init(0x20, .unknown(reason: "x"))])
        ])
        let text = ScanTOML(report, board: nil, choice: .init(name: "test-board")).text
        #expect(text.hasSuffix("# 0x76 on adapter:a: bme688, for which this version has no driver."))
        #expect(try load(text).sensors.isEmpty)
    }
}

extension SensorConfiguration.Place {
    fileprivate var busReference: BusReference? {
        if case .i2c(let bus, _) = self { bus } else { nil }
    }
}
