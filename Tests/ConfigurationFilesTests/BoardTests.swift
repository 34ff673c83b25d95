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
        source = "device tree"
        [connector.pin]
        title = "26-pin header"
        pins = 26
        fixed = { 1 = "3.3 V", 6 = "ground" }
        source = "data sheet 0"
        [connector.x2]
        title = "X2"
        pins = 4
        source = "data sheet 0"
        [i2c.header]
        adapter = "acme (i2c@1)"
        connector = "pin"
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
        reset-source = "data sheet 4"
        [gpio.lines]
        pin-11 = { chip = "acme-gpio", name = "GPIO17" }
        pin-24 = { chip = "acme-gpio", offset = 8, signal = "PA8", unsafe = "boot strap", note = "n" }
        x2-1 = { name = "X2_1", source = "schematic" }
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
        #expect(board.resetSource == "data sheet 4")
        #expect(board.lines.map(\.identity) == [.name("GPIO17"), .offset(8), .name("X2_1")])
        #expect(board.lines.map(\.unsafeReason) == [nil, "boot strap", nil])
        #expect(board.lines.map(\.chip) == ["acme-gpio", "acme-gpio", nil])
        #expect(board.lines.map(\.signal) == ["GPIO17", "PA8", "X2_1"])
        #expect(board.lines.map(\.note) == ["", "n", ""])
        #expect(board.lines.map(\.source) == ["", "", "schematic"])
        #expect(board.source == "device tree")
        #expect(board.i2c.map(\.connector) == ["pin", nil, nil])
        #expect(board.connectors.map(\.name) == ["pin", "x2"])
        #expect(board.connectors.map(\.title) == ["26-pin header", "X2"])
        #expect(board.connectors.map(\.pins) == [26, 4])
        #expect(board.connectors.map(\.fixed) == [[1: "3.3 V", 6: "ground"], [:]])
        #expect(board.connectors[0].source == "data sheet 0")
    }

    @Test("Each pin of a connector has its line, its supply and its buses")
    func pins() throws {
        let board = try parse(Self.valid)
        let header = board.pins(of: board.connectors[0])
        #expect(header.map(\.number) == Array(1...26))
        #expect(header[0].fixed == "3.3 V")
        #expect(header[2].buses == ["header SDA"])
        #expect(header[4].buses == ["header SCL"])
        #expect(header[6].buses == ["1-Wire"])
        #expect(header[10].line?.name == "pin-11")
        #expect(header.filter(\.suitsRelay).map(\.number) == [11])
        let other = board.pins(of: board.connectors[1])
        #expect(other.map { $0.line?.name } == ["x2-1", nil, nil, nil])
        #expect(other.allSatisfy { $0.buses.isEmpty })
        #expect(board.relayLines.map(\.name) == ["pin-11", "x2-1"])
        #expect(board.linesByPin.map(\.name) == ["pin-11", "pin-24", "x2-1"])
    }

    @Test("Lines and buses that do not fit the connectors are errors")
    func misfits() {
        let text = """
            name = "Test board"
            [connector.pin]
            title = "Header"
            pins = 10
            fixed = { 1 = "3.3 V", 11 = "ground", x = "ground", 02 = "5 V" }
            source = "s"
            [connector.x2]
            pins = 0
            [i2c.a]
            adapter = "a"
            pins = { sda = 3 }
            source = "s"
            [i2c.b]
            adapter = "b"
            connector = "pan"
            pins = { sda = 3 }
            source = "s"
            [connector.x3]
            title = "X3"
            pins = 2
            source = "s"
            [gpio]
            source = "s"
            reset-source = "unverified"
            [gpio.lines]
            pin-1 = { chip = "c", offset = 1, unsafe = "u" }
            pin-11 = { chip = "c", offset = 2, unsafe = "u" }
            pin-0 = { chip = "c", offset = 5, unsafe = "u" }
            pin-3 = { chip = "c", offset = 3 }
            pin-4 = { chip = "c", offset = 4, source = "measured" }
            free = { chip = "c", offset = 6, unsafe = "u" }
            """
        #expect(
            complaints(text) == [
                "b.toml:5: connector.pin.fixed.02: There is no such pin. Expected 1 to 10.",
                "b.toml:5: connector.pin.fixed.11: There is no such pin. Expected 1 to 10.",
                "b.toml:5: connector.pin.fixed.x: There is no such pin. Expected 1 to 10.",
                "b.toml:7: connector.x2.title: It is not set. Set it.",
                "b.toml:7: connector.x2.source: It is not set. Say where the facts come from.",
                "b.toml:8: connector.x2.pins: Found 0. Expected an integer from 1 to 1000.",
                "b.toml:9: i2c.a.connector: The board has more than one connector. Name the one of its pins.",
                "b.toml:15: i2c.b.connector: There is no [connector.pan]. Did you mean \"pin\"?",
                "b.toml:26: gpio.lines.pin-1: Pin 1 is \"3.3 V\" in [connector.pin]. Keep one of both.",
                "b.toml:27: gpio.lines.pin-11: Header has no pin 11. Correct its name.",
                "b.toml:28: gpio.lines.pin-0: Header has no pin 0. Correct its name.",
                "b.toml:29: gpio.lines.pin-3.unsafe: Its state at reset is unverified. Say why it must not drive a "
                    + "relay, or give it a source of its own.",
            ])
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
                "b.toml: source: It is not set. Say where the facts come from.",
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
                "b.toml:14: gpio.reset-source: It is not set. Say where the facts come from.",
                "b.toml:15: gpio.lines.pin-1: It has both name and offset. Keep the name where the kernel has one.",
                "b.toml:16: gpio.lines.pin-2.chip: It is not set. Set it.",
                "b.toml:17: gpio.lines.pin-3: It names no line. Set name or offset.",
                "b.toml:18: gpio.lines.pin-4: Found an integer. Expected a section.",
            ])
    }

    @Test("The most specific device-tree string chooses the board, then DMI, and a SoC chooses nothing")
    func choice() throws {
        let one = try parse("name = \"one\"\ncompatible = [\"acme,one\"]\nsource = \"s\"")
        let two = try parse(
            "name = \"two\"\ncompatible = [\"acme,two\"]\ndmi-products = [\"Standard PC\"]\nsource = \"s\"")
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

    @Test("What of the machine chose a board is told, and nothing where it is another")
    func reason() throws {
        let board = try parse(Self.valid)
        let tree = MachineIdentity(compatible: ["acme,one-plus", "acme,soc"], dmiProduct: "ThinkPad")
        #expect(board.reason(for: tree) == "acme,one-plus")
        #expect(board.reason(for: MachineIdentity(dmiProduct: "Acme Box 2")) == "Acme Box 2")
        #expect(board.reason(for: MachineIdentity(compatible: ["acme,two"])) == nil)
        #expect(board.reason(for: MachineIdentity()) == nil)
    }

    @Test("On an unknown board a bus name is an error that says what to do, and an adapter is none")
    func unknown() throws {
        let machine = MachineIdentity(compatible: ["acme,three", "acme,soc"])
        let board = BoardDescription.unknown(UnknownBoard(machine: machine, known: ["one", "two"]))
        let toml = """
            [sensors.a]
            driver = "aht20"
            bus = "adapter:acme"
            [sensors.b]
            driver = "ds18b20"
            id = "28-0316a279fcff"
            """
        #expect(try load(toml).i2cLocations(on: board) == [SensorName("a"): .adapter("acme")])
        let configuration = try load(toml.replacing("adapter:acme", with: "header"))
        #expect {
            try configuration.i2cLocations(on: board)
        } throws: { error in
            "\(error)" == """
                /c/agent.toml:3: sensors.a.bus: "header" is a bus of a board file, and the board is unknown. Choose a \
                board, or name the adapter: "adapter:NAME".
                default: board.name: This machine (acme,three, acme,soc) is no known board. Known boards: one, two. \
                Choose one by --board NAME or board.name, or write a file for this one, as boards/README.md tells, and \
                name it by --board-file or board.file.
                """
        }
    }

    @Test("A machine without device tree is told by its product, and one without anything as such")
    func unknownProduct() {
        let named = UnknownBoard(machine: MachineIdentity(dmiProduct: "Box\u{7}1"), known: [])
        #expect(named.problem == "This machine (\"Box\\u{7}1\") is no known board.")
        #expect(named.advice.hasPrefix("No board files were found. Run this in the folder of the sources"))
        let nothing = UnknownBoard(machine: MachineIdentity(), known: [])
        #expect(
            nothing.problem
                == "This machine (it has neither a device tree nor a product name) is no known board.")
    }

    @Test("A board name that is no file is an error with the nearest and all known")
    func unknownName() {
        let error = ConfigurationError.unknownBoard(
            "raspbery-pi-4", at: .flag("--board"), known: ["raspberry-pi-4", "simulated"], folders: ["x"])
        #expect(
            "\(error)"
                == "--board: board.name: There is no board \"raspbery-pi-4\". Did you mean \"raspberry-pi-4\"? "
                + "Known boards: raspberry-pi-4, simulated.")
        let nothing = ConfigurationError.unknownBoard(
            "a", at: .flag("--board"), known: [], folders: ["x", "y"])
        #expect(
            nothing.description.hasSuffix(
                "No board files were found in x, y. Run this in the folder of the sources, or name one by "
                    + "--board-file or board.file."))
    }

    @Test("An examination finds the buses of sensors that are wrong otherwise, and keeps what is right")
    func examination() throws {
        let toml = """
            [telemetry]
            interval = "4s"
            [sensors.a]
            driver = "ath20"
            bus = "heather"
            [sensors.b]
            driver = "aht20"
            bus = "header"
            [thermostat1]
            sensor = "b"
            """
        let files = MemoryFiles(contents: ["/c/agent.toml": toml])
        let examination = AgentConfiguration.examine(
            ConfigurationSources(configFile: "/c/agent.toml", drivers: testDrivers), files: files)
        #expect(examination.isComplete)
        #expect(examination.errors.map(\.path) == ["sensors.a.driver"])
        #expect(examination.configuration.sensors.map(\.name) == [SensorName("b")])
        #expect(examination.configuration.telemetry.interval == .seconds(4))
        #expect(
            examination.busErrors(on: try parse(Self.valid)).map(\.description) == [
                "/c/agent.toml:5: sensors.a.bus: Test board has no I²C bus \"heather\". Did you mean \"header\"?"
            ])
    }

    @Test("An examination of a file that cannot be read says so and judges nothing else")
    func unreadable() {
        let examination = AgentConfiguration.examine(
            ConfigurationSources(configFile: "/c/agent.toml", drivers: testDrivers), files: MemoryFiles())
        #expect(!examination.isComplete)
        #expect(examination.errors.map(\.kind) == [.unreadable])
    }
}
