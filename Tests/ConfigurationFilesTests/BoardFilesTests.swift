// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import Foundation
import Testing

@Suite struct BoardFilesTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    private static let files =
        ((try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: "boards").path)) ?? [])
        .filter { $0.hasSuffix(".toml") }.sorted()
    private static let readme = root.appending(path: "boards/README.md")

    private func bytes(_ file: String) throws -> [UInt8] {
        try Array(Data(contentsOf: Self.root.appending(path: "boards").appending(path: file)))
    }

    private func board(_ file: String) throws -> BoardDescription {
        try BoardDescription.parse(try bytes(file), file: file)
    }

    @Test("The shipped boards are these")
    func list() {
        #expect(
            Self.files == [
                "beaglebone-black.toml", "emulated-machine.toml", "jetson-nano.toml", "odroid-m1.toml",
                "orange-pi-pc2.toml", "pine-a64.toml", "radxa-rock-5b.toml", "raspberry-pi-3.toml",
                "raspberry-pi-4.toml", "raspberry-pi-5.toml", "raspberry-pi-cm4.toml",
                "raspberry-pi-cm5.toml", "raspberry-pi-zero-2-w.toml", "simulated.toml",
            ])
    }

    @Test("Every shipped board file is right, and no two lines of it are the same", arguments: files)
    func valid(file: String) throws {
        let board = try board(file)
        #expect(!board.i2c.isEmpty)
        let lines = board.lines.map { "\($0.chip ?? "") \($0.identity)" }
        #expect(Set(lines).count == lines.count)
        let places = board.i2c.map(\.location.description)
        #expect(Set(places).count == places.count || file == "simulated.toml")
        let signals = board.lines.map(\.signal)
        #expect(Set(signals).count == signals.count)
    }

    @Test("No name and no device-tree string is in two board files")
    func unique() throws {
        let boards = try Self.files.map(board)
        for names in [boards.map(\.name), boards.flatMap(\.compatible), boards.flatMap(\.dmiProducts)] {
            #expect(Set(names).count == names.count, "\(names)")
        }
    }

    @Test("Without any one of its sources a board file is refused", arguments: files)
    func sources(file: String) throws {
        let lines = String(decoding: try bytes(file), as: UTF8.self).components(separatedBy: "\n")
        let sources = lines.indices.filter {
            lines[$0].hasPrefix("source = ") || lines[$0].hasPrefix("reset-source = ")
        }
        let board = try board(file)
        let identity = board.compatible.isEmpty && board.dmiProducts.isEmpty ? 0 : 1
        let gpio = board.lines.isEmpty ? 0 : 2
        let facts =
            identity + board.connectors.count + board.i2c.count + (board.oneWire == nil ? 0 : 1) + gpio
        #expect(sources.count == facts)
        for index in sources {
            var rest = lines
            rest.remove(at: index)
            #expect(throws: ConfigurationErrors.self, "\(lines[index])") {
                try BoardDescription.parse(Array(rest.joined(separator: "\n").utf8), file: file)
            }
        }
    }

    @Test("Every pin of every connector is a line or says what it is", arguments: files)
    func everyPin(file: String) throws {
        let board = try board(file)
        for connector in board.connectors {
            for pin in board.pins(of: connector) {
                #expect((pin.line == nil) != (pin.fixed == nil), "\(connector.name) pin \(pin.number)")
            }
        }
        let onPins = board.connectors.flatMap { board.pins(of: $0) }.compactMap(\.line)
        // A machine without connectors has lines all the same.
        #expect(board.connectors.isEmpty || onPins.count == board.lines.count)
    }

    @Test("No line of a bus, and none whose state at reset is unverified, suits a relay", arguments: files)
    func relays(file: String) throws {
        let board = try board(file)
        for pin in board.connectors.flatMap({ board.pins(of: $0) }) where !pin.buses.isEmpty {
            #expect(!pin.suitsRelay, "pin \(pin.number)")
        }
        if board.resetSource.contains("unverified") { #expect(board.relayLines.isEmpty) }
    }

    @Test(
        "Every shipped Raspberry Pi brings out the whole header",
        arguments: files.filter { $0.hasPrefix("rasp") })
    func header(file: String) throws {
        let board = try board(file)
        #expect(board.lines.count == 28)
        #expect(board.i2c.first?.pins == ["sda": 3, "scl": 5])
        #expect(board.oneWire?.pin == 7)
        // Reset pull-ups, the I2C and EEPROM lines and the console: BCM2835 ARM Peripherals, table 6-31.
        let unsafe = Set(board.lines.filter { $0.unsafeReason != nil }.map(\.name))
        #expect(
            unsafe
                == Set([27, 28, 3, 5, 7, 29, 31, 26, 24, 8, 10].map { "pin-\($0)" }))
        #expect(Set(board.lines.map(\.chip)).count == 1)
        #expect(Set(board.lines.map(\.signal)) == Set((0...27).map { "GPIO\($0)" }))
    }

    @Test("The table of the README is what the files say")
    func table() throws {
        let boards = try Self.files.map { ($0, try board($0)) }
        let text = try String(contentsOf: Self.readme, encoding: .utf8)
        let head = text.components(separatedBy: BoardTable.begin)
        let tail = try #require(head.last).components(separatedBy: BoardTable.end)
        try #require(head.count == 2 && tail.count == 2, "the markers around the table are gone")
        let expected = BoardTable.text(boards)
        if ProcessInfo.processInfo.environment["REFRESH_BOARD_TABLE"] == "1" {
            let refreshed = head[0] + BoardTable.begin + expected + BoardTable.end + tail[1]
            try refreshed.write(to: Self.readme, atomically: true, encoding: .utf8)
        } else {
            #expect(
                tail[0] == expected, "refresh it: REFRESH_BOARD_TABLE=1 swift test --filter BoardFilesTests")
        }
    }

    @Test(
        "The examples of the documentation are accepted",
        arguments: ["docs/configuration.md", "docs/sensors.md", "boards/README.md", "README.md"])
    func examples(page: String) throws {
        let text = try String(contentsOf: Self.root.appending(path: page), encoding: .utf8)
        let examples = text.components(separatedBy: "```toml\n").dropFirst()
            .compactMap { $0.components(separatedBy: "```").first }
        #expect(!examples.isEmpty)
        let simulated = try board("simulated.toml")
        for example in examples {
            let configuration = try load(
                example,
                files: [
                    "/c/group.key": "AAAA", "/c/device.key": "AAAA", "/c/device.phrase": "AAAA",
                    "/c/proxy.password": "AAAA",
                ])
            #expect(!configuration.sensors.isEmpty || example.hasPrefix("[hub]"))
            _ = try configuration.i2cLocations(on: simulated)
        }
    }

    @Test("The table of keys in the documentation is the program's")
    func keyTable() throws {
        let text = try String(
            contentsOf: Self.root.appending(path: "docs/configuration.md"), encoding: .utf8)
        for row in ConfigurationKey.all.map(\.tableRow) {
            #expect(text.contains(row + "\n"), "missing in docs/configuration.md:\n\(row)")
        }
        let rows = text.components(separatedBy: "\n").filter { $0.contains("| `SENSOR_AGENT_") }
        #expect(rows.count == ConfigurationKey.all.count)
    }
}
