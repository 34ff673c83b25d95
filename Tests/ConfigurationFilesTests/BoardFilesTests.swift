// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import Foundation
import Testing

@Suite struct BoardFilesTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    private static let files =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "boards").path)) ?? [])
        .filter { $0.hasSuffix(".toml") }.sorted()

    private func board(_ file: String) throws -> BoardDescription {
        let path = Self.folder.appending(path: "boards").appending(path: file)
        return try BoardDescription.parse(Array(Data(contentsOf: path)), file: path.path)
    }

    @Test("The shipped boards are these")
    func list() {
        #expect(
            Self.files == [
                "emulated-machine.toml", "raspberry-pi-3.toml", "raspberry-pi-4.toml", "raspberry-pi-5.toml",
                "raspberry-pi-zero-2-w.toml", "simulated.toml",
            ])
    }

    @Test("Every shipped board file is right and in the table of the README", arguments: files)
    func valid(file: String) throws {
        let board = try board(file)
        #expect(!board.i2c.isEmpty)
        let readme = try String(contentsOf: Self.folder.appending(path: "boards/README.md"), encoding: .utf8)
        #expect(readme.contains("| `\(file)` |"))
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
        let chips = Set(board.lines.map(\.chip))
        #expect(chips.count == 1)
        let keys = board.lines.map { "\($0.identity)" }
        #expect(Set(keys).count == keys.count)
    }

    @Test(
        "Each machine gets its board",
        arguments: [
            ("raspberrypi,4-model-b", "Raspberry Pi 4 Model B"), ("raspberrypi,5-model-b", "Raspberry Pi 5"),
            ("raspberrypi,3-model-b-plus", "Raspberry Pi 3"),
            ("raspberrypi,model-zero-2-w", "Raspberry Pi Zero 2 W"),
        ])
    func chosen(compatible: String, name: String) throws {
        let boards = try Self.files.map(board)
        let machine = MachineIdentity(compatible: [compatible, "brcm,bcm2711"])
        #expect(BoardDescription.matching(machine, among: boards)?.name == name)
        let emulated = MachineIdentity(dmiProduct: "Standard PC (i440FX + PIIX, 1996)")
        #expect(BoardDescription.matching(emulated, among: boards)?.name == "Emulated machine")
    }

    @Test(
        "The examples of the documentation are accepted",
        arguments: ["docs/configuration.md", "boards/README.md", "README.md"])
    func examples(page: String) throws {
        let text = try String(contentsOf: Self.folder.appending(path: page), encoding: .utf8)
        let examples = text.components(separatedBy: "```toml\n").dropFirst()
            .compactMap { $0.components(separatedBy: "```").first }
        #expect(!examples.isEmpty)
        let simulated = try board("simulated.toml")
        for example in examples {
            let configuration = try load(example, files: ["/c/group.key": "AAAA", "/c/device.key": "AAAA"])
            #expect(!configuration.sensors.isEmpty)
            _ = try configuration.i2cLocations(on: simulated)
        }
    }

    @Test("The table of keys in the documentation is the program's")
    func keyTable() throws {
        let text = try String(
            contentsOf: Self.folder.appending(path: "docs/configuration.md"), encoding: .utf8)
        for row in ConfigurationKey.all.map(\.tableRow) {
            #expect(text.contains(row + "\n"), "missing in docs/configuration.md:\n\(row)")
        }
        let rows = text.components(separatedBy: "\n").filter { $0.contains("| `SENSOR_AGENT_") }
        #expect(rows.count == ConfigurationKey.all.count)
    }
}
