// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import Quantities
import Testing

@Suite struct BoardTests {
    private static let valid = """
        name = "Test board"
        compatible = ["acme,one", "acme,one-plus"]
        dmi-products = ["Acme Box"]
        [i2c.header]
        adapter = "acme (i2c@1)"
        pins = { sda = 3, scl = 5 }
        source = "data sheet 1"
        [i2c.usb]
        adapter-prefix = "i2c-tiny-usb at bus "
        note = "plug it in"
        source = "kernel"
        [i2c.south]
        controller = "1f00074000.i2c"
        source = "kernel"
        [onewire]
        pin = 7
        source = "data sheet 2"
        [gpio]
        source = "data sheet 3"
        [gpio.lines]
        pin-11 = { chip = "acme-gpio", name = "GPIO17" }
        pin-24 = { chip = "acme-gpio", offset = 8, unsafe = "boot strap", note = "n" }
        """

    private func parse(_ text: String) throws(ConfigurationErrors) -> BoardDescription {
        try BoardDescription.parse(Array(text.utf8), file: "b.toml")
    }

    private func complaints(_ text: String) -> [String] {
        do throws(ConfigurationErrors) {
            _ = try parse(text)
            return []
        } catch {
            return error.errors.map(\.description)
        }
    }

    @Test("Every field of a board file is read")
    func everyField() throws {
        let board = try parse(Self.valid)
        #expect(board.name == "Test board")
        #expect(board.compatible == ["acme,one", "acme,one-plus"])
        #expect(board.dmiProducts == ["Acme Box"])
        #expect(board.i2c.map(\.name) == ["header", "south", "usb"])
        #expect(board.i2c[0].location == .adapter("acme (i2c@1)"))
        #expect(board.i2c[0].pins == ["sda": 3, "scl": 5])
        #expect(board.i2c[0].source == "data sheet 1")
        #expect(board.i2c[1].location == .controller("1f00074000.i2c"))
        #expect(board.i2c[2].location == .adapterPrefix("i2c-tiny-usb at bus "))
        #expect(board.i2c[2].note == "plug it in")
        #expect(board.oneWire?.pin == 7)
        #expect(board.oneWire?.source == "data sheet 2")
        #expect(board.linesSource == "data sheet 3")
        #expect(board.lines.map(\.identity) == [.name("GPIO17"), .offset(8)])
        #expect(board.lines.map(\.unsafeReason) == [nil, "boot strap"])
        #expect(board.lines.map(\.chip) == ["acme-gpio", "acme-gpio"])
        #expect(board.lines[1].note == "n")
    }

    @Test("All mistakes of a board file at once, with their lines")
    func mistakes() {
        let text = """
            compatibel = ["a"]
            dmi-products = "x"
            [i2c.header]
            adapter = "a"
            controller = "b"
            pins = { sda = 0, sdl = 3 }
            [i2c.usb]
            source = "s"
            [i2c.Bad]
            adapter = "x"
            [onewire]
            pin = "7"
            source = ""
            [gpio.lines]
            pin-1 = { chip = "c", name = "n", offset = 1 }
            pin-2 = { offset = 1 }
            pin-3 = { chip = "c" }
            pin-4 = 4
            """
        #expect(
            complaints(text) == [
                "b.toml: name: It is not set. Set it.",
                "b.toml:1: compatibel: There is no such key. Did you mean \"compatible\"?",
                "b.toml:2: dmi-products: Found a text. Expected an array of texts.",
                "b.toml:3: i2c.header.source: It is not set. Say where the facts come from.",
                "b.toml:3: i2c.header: It names its place more than once. Keep one of adapter, adapter-prefix, "
                    + "controller.",
                "b.toml:6: i2c.header.pins.sdl: There is no such key in [i2c.header.pins]. Did you mean \"scl\"?",
                "b.toml:6: i2c.header.pins.sda: Found 0. Expected an integer from 1 to 1000.",
                "b.toml:7: i2c.usb: It names no place. Set adapter, adapter-prefix or controller.",
                "b.toml:9: i2c.Bad: Found the name \"Bad\". Expected a name of lower-case letters, dashes and digits.",
                "b.toml:12: onewire.pin: Found a text. Expected an integer.",
                "b.toml:13: onewire.source: Found an empty text. Fill it in, or leave it out.",
                "b.toml:14: gpio.source: It is not set. Say where the facts come from.",
                "b.toml:15: gpio.lines.pin-1: It has both name and offset. Keep the name where the kernel has one.",
                "b.toml:16: gpio.lines.pin-2.chip: It is not set. Set it.",
                "b.toml:17: gpio.lines.pin-3: It names no line. Set name or offset.",
                "b.toml:18: gpio.lines.pin-4: Found an integer. Expected a section.",
            ])
    }

    @Test("The most specific device-tree string chooses the board, then DMI, and a SoC chooses nothing")
    func choice() throws {
        let one = try parse("name = \"one\"\ncompatible = [\"acme,one\"]")
        let two = try parse("name = \"two\"\ncompatible = [\"acme,two\"]\ndmi-products = [\"Standard PC\"]")
        let boards = [one, two]
        func name(_ machine: MachineIdentity) -> String? {
            BoardDescription.matching(machine, among: boards)?.name
        }
        #expect(name(MachineIdentity(compatible: ["acme,two", "acme,one"])) == "two")
        #expect(name(MachineIdentity(compatible: ["acme,three", "acme,one"])) == "one")
        #expect(name(MachineIdentity(dmiProduct: "Standard PC (i440FX + PIIX, 1996)")) == "two")
        #expect(name(MachineIdentity(compatible: ["acme,soc"], dmiProduct: "ThinkPad")) == nil)
        #expect(name(MachineIdentity()) == nil)
    }

    @Test("The machine's files are taken as they are")
    func machineFiles() {
        let machine = MachineIdentity(
            compatible: Array("raspberrypi,4-model-b\u{0}brcm,bcm2711\u{0}".utf8),
            dmiProduct: Array("Box 1\n".utf8))
        #expect(
            machine
                == MachineIdentity(
                    compatible: ["raspberrypi,4-model-b", "brcm,bcm2711"], dmiProduct: "Box 1"))
        #expect(MachineIdentity(compatible: nil, dmiProduct: nil) == MachineIdentity())
    }

    @Test("A sensor's bus is found on the board, and one that is not there is named with the nearest")
    func buses() throws {
        let board = try parse(Self.valid)
        let toml = """
            [sensors.a]
            driver = "aht20"
            bus = "header"
            [sensors.b]
            driver = "aht20"
            bus = "/dev/i2c-9"
            [sensors.c]
            driver = "ds18b20"
            id = "28-0316a279fcff"
            """
        #expect(
            try load(toml).i2cLocations(on: board) == [
                SensorName("a"): .adapter("acme (i2c@1)"), SensorName("b"): .deviceFile("/dev/i2c-9"),
            ])
        let configuration = try load(toml.replacing("\"header\"", with: "\"heather\""))
        #expect {
            try configuration.i2cLocations(on: board)
        } throws: { error in
            "\(error)"
                == "/c/agent.toml:3: sensors.a.bus: Test board has no I²C bus \"heather\". Did you mean \"header\"?"
        }
    }

    @Test("A board name that is no shipped file is an error with the nearest")
    func boardName() throws {
        let names = ["raspberry-pi-4", "simulated"]
        let configuration = try load("board.name = \"raspbery-pi-4\"")
        #expect {
            try configuration.checkBoardName(among: names)
        } throws: { error in
            "\(error)"
                == "/c/agent.toml:1: board.name: There is no board file \"raspbery-pi-4\". Did you mean \"raspberry-pi-4\"?"
        }
        #expect(throws: Never.self) { try load("board.name = \"simulated\"").checkBoardName(among: names) }
        #expect(throws: Never.self) { try load("").checkBoardName(among: names) }
    }
}
