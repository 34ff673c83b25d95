// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import EmulatedHardware
import EmulatedMachine
import Foundation
import Simulation
import Testing

extension DeviceTests {
    /// `sensor-agent scan` on the real kernel, beside `i2cdetect`.
    @Suite(.needs("i2cdetect", of: "i2c-tools")) struct ScanTests {
        private static let busID = "scan"

        private let machine: EmulatedMachine
        private let adapter = I2CTinyUSBAdapter()

        init() throws {
            machine = try DeviceTests.machine()
        }

        @Test("It finds what i2cdetect finds, knows the chips, and leaves held chips and neighbours alone")
        func finds() async throws {
            attach(["tmp102": 0x48, "sht4x": 0x44, "hdc1080": 0x40, "bme280": 0x77])
            adapter.bus.attach(TMP102Model(celsius: 20, poweredAt: .now), at: 0x49)
            adapter.bus.attach(PCF8574Model(pins: 0x5A), at: 0x38)
            adapter.bus.attach(TCA9548AModel(mask: 0x05), at: 0x76)
            try await withAdapter { bus in
                try await machine.shell(
                    "echo tmp102 0x49 >/sys/bus/i2c/devices/i2c-$1/new_device", ["\(bus.number)"])
                let seen = try await machine.shell(
                    #"i2cdetect -y "$1" | tail -n +2 | cut -d: -f2-"#, ["\(bus.number)"])
                let before = adapter.messages.count
                let (status, chips) = try await scan(bus)
                #expect(status == 0)
                #expect(chips.keys.sorted() == Self.addresses(in: seen))
                #expect(chips[0x48] == ["ambiguous", "tmp102"])
                #expect(chips[0x49] == ["held", "tmp102"])
                #expect(chips[0x44] == ["ok", "sht4x"])
                #expect(chips[0x40] == ["ok", "hdc1080"])
                #expect(chips[0x77] == ["ok", "bme280"])
                #expect(chips[0x38]?.first == "unknown")
                #expect(chips[0x76]?.first == "unknown")
                let text = try await program(["scan"]).result().output.joined(separator: "\n")
                #expect(text.contains("[sensors.tmp102b]\ndriver = \"hwmon\""), "\(text)")
                #expect(text.contains("bus = \"usb\"\naddress = 0x49"), "\(text)")
                #expect(!adapter.messages[before...].contains { $0.address == 0x49 })
                let written = adapter.bus.withModel(PCF8574Model.self, at: 0x38) { model, _ in model.written }
                #expect(written == [])
                let mask = adapter.bus.withModel(TCA9548AModel.self, at: 0x76) { model, _ in model.mask }
                #expect(mask == 0x05)
            }
        }

        @Test("A bus that hangs ends with 1 and says so, in limited time") func hangs() async throws {
            for address in 0x30...0x77 as ClosedRange<UInt8> { adapter.bus.inject(.hang, at: address) }
            try await withAdapter { bus in
                let result = try await program(["scan"]).result(within: .seconds(60))
                #expect(result.status == 1)
                let text = result.output.joined(separator: "\n")
                #expect(text.contains("/dev/i2c-\(bus.number): i2c-tiny-usb"), "\(text)")
                #expect(text.contains("hangs"), "\(text)")
            }
        }

        @Test("Ctrl-C ends a slow scan with what was found") func interrupted() async throws {
            attach(["mcp9808": 0x18])
            // One that hangs between two that do not: slow, but no stuck bus.
            for address in stride(from: UInt8(0x20), to: 0x78, by: 2) {
                adapter.bus.inject(.hang, at: address)
            }
            try await withAdapter { _ in
                let scan = try await program(["scan", "--json"])
                while !adapter.messages.contains(where: { $0.address == 0x20 }) {
                    try await Task.sleep(for: .milliseconds(20))
                }
                try await scan.signal(.interrupt)
                let result = try await scan.result()
                #expect(result.status == 1)
                let text = result.output.joined()
                #expect(text.contains(#""kind":"cancelled""#), "\(text)")
                #expect(text.contains("mcp9808"), "\(text)")
            }
        }
    }
}

extension DeviceTests.ScanTests {
    /// Puts models of the catalog on the bus.
    private func attach(_ chips: [String: UInt8]) {
        for (name, address) in chips {
            guard let model = ChipModelCatalog.all[name] else {
                Issue.record("there is no model \(name)")
                continue
            }
            adapter.bus.attach(model.init(ambient: Ambient(celsius: 20), poweredAt: .now), at: address)
        }
    }

    private func withAdapter(_ body: (GuestI2CBus) async throws -> Void) async throws {
        try await machine.with(adapter, as: Self.busID, body)
    }

    private func program(_ arguments: [String]) async throws -> GuestProgram {
        let binary = try #require(GuestAgent.binary, "sensor-agent is not built")
        return try await machine.run(binary, arguments + ["--board-file", GuestAgent.boardFile])
    }

    /// Scans, and returns what was told of each address on that bus: the status, and the chip or driver.
    private func scan(_ bus: GuestI2CBus) async throws -> (status: Int, chips: [UInt8: [String]]) {
        let result = try await program(["scan", "--json"]).result()
        let line = try #require(result.output.first, "\(result.errors)")
        let report = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        let adapters = try #require(report["adapters"] as? [[String: Any]])
        let own = try #require(adapters.first { $0["number"] as? Int == bus.number })
        #expect(own["name"] as? String == bus.adapter)
        var chips: [UInt8: [String]] = [:]
        for chip in try #require(own["chips"] as? [[String: Any]]) {
            let text = chip["address"] as? String ?? ""
            chips[try #require(UInt8(text.dropFirst(2), radix: 16))] =
                ["status", "chip", "driver"].compactMap { chip[$0] as? String }
        }
        return (result.status, chips)
    }

    /// The addresses in the rows of `i2cdetect`; what a kernel driver holds is `UU` at its place.
    private static func addresses(in rows: [String]) -> [UInt8] {
        rows.enumerated().flatMap { row, text in
            // Three characters a cell; the first row begins with blanks for reserved addresses.
            stride(from: 0, to: 16, by: 1).compactMap { column -> UInt8? in
                let cell = text.dropFirst(column * 3).prefix(3).trimmingCharacters(in: .whitespaces)
                return cell.isEmpty || cell == "--" ? nil : UInt8(row * 16 + column)
            }
        }
    }
}
