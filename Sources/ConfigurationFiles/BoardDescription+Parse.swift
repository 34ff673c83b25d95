// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

extension BoardDescription {
    /// Reads and checks a board file, or throws all that is wrong with it at once.
    ///
    /// Fields: `boards/README.md`.
    package static func parse(_ bytes: [UInt8], file: String) throws(ConfigurationErrors) -> BoardDescription
    {
        var reader = BoardReader(document: try TOMLDocument(bytes, file: file))
        let board = reader.board()
        guard reader.errors.isEmpty else { throw ConfigurationErrors(reader.errors) }
        return board
    }
}

extension BoardReader {
    /// The largest pin number; no connector has more.
    private static let pinNumbers = 1...1000

    mutating func board() -> BoardDescription {
        let root = document.root
        known(
            ["name", "compatible", "dmi-products", "source", "connector", "i2c", "onewire", "gpio"], in: root,
            [])
        var board = BoardDescription(name: required("name", in: root, []) ?? "")
        board.compatible = texts("compatible", in: root)
        board.dmiProducts = texts("dmi-products", in: root)
        let isChosen = root["compatible"] != nil || root["dmi-products"] != nil
        board.source = (isChosen ? required("source", in: root, []) : text("source", in: root, [])) ?? ""
        board.connectors = connectors()
        board.i2c = buses()
        board.oneWire = oneWire()
        let gpio = table("gpio", in: root, [])
        known(["lines", "source", "reset-source"], in: gpio, ["gpio"])
        board.lines = lines(gpio)
        if root["gpio"] != nil {
            board.linesSource = required("source", in: gpio, ["gpio"]) ?? ""
            board.resetSource = required("reset-source", in: gpio, ["gpio"]) ?? ""
        }
        check(board)
        return board
    }

    private mutating func connectors() -> [BoardDescription.Connector] {
        sections(in: table("connector", in: document.root, []), ["connector"]).compactMap { name, section in
            let path = ["connector", name]
            known(["title", "pins", "fixed", "source"], in: section, path)
            let title = required("title", in: section, path)
            let source = required("source", in: section, path)
            if section["pins"] == nil { fail(.missing, path + ["pins"], "It is not set.", "Set it.") }
            let pins = integer("pins", in: section, path, Self.pinNumbers)
            guard let title, let source, let pins else { return nil }
            return BoardDescription.Connector(
                name: name, title: title, pins: pins, fixed: fixed(section, path, pins), source: source)
        }
    }

    private mutating func fixed(
        _ section: [String: TOMLNode], _ path: [String], _ pins: Int
    ) -> [Int: String] {
        let table = table("fixed", in: section, path)
        let path = path + ["fixed"]
        return table.keys.sorted().reduce(into: [:]) { fixed, key in
            guard let pin = Int(key), (1...pins).contains(pin), String(pin) == key else {
                fail(.outOfRange, path + [key], "There is no such pin.", "Expected 1 to \(pins).")
                return
            }
            fixed[pin] = text(key, in: table, path)
        }
    }

    private mutating func buses() -> [BoardDescription.I2CBus] {
        sections(in: table("i2c", in: document.root, []), ["i2c"]).compactMap { name, bus in
            let path = ["i2c", name]
            known(
                ["adapter", "adapter-prefix", "controller", "connector", "pins", "note", "source"], in: bus,
                path)
            let source = required("source", in: bus, path)
            let location = location(bus, path)
            let connector = text("connector", in: bus, path)
            let pins = pins(bus, path)
            let note = text("note", in: bus, path) ?? ""
            guard let location, let source else { return nil }
            return BoardDescription.I2CBus(
                name: name, location: location, connector: connector, pins: pins, note: note, source: source)
        }
    }

    private mutating func location(_ bus: [String: TOMLNode], _ path: [String]) -> I2CBusLocation? {
        let found = [
            text("adapter", in: bus, path).map(I2CBusLocation.adapter),
            text("adapter-prefix", in: bus, path).map(I2CBusLocation.adapterPrefix),
            text("controller", in: bus, path).map(I2CBusLocation.controller),
        ].compactMap(\.self)
        if found.count > 1 {
            fail(
                .conflict, path, "It names its place more than once.",
                "Keep one of adapter, adapter-prefix, controller.")
        } else if found.isEmpty, !errors.contains(where: { $0.path.hasPrefix(pathText(path)) }) {
            fail(.missing, path, "It names no place.", "Set adapter, adapter-prefix or controller.")
        }
        return found.first
    }

    private mutating func pins(_ bus: [String: TOMLNode], _ path: [String]) -> [String: Int] {
        let path = path + ["pins"]
        let pins = table("pins", in: bus, Array(path.dropLast()))
        known(["sda", "scl"], in: pins, path)
        return pins.keys.sorted().reduce(into: [:]) { $0[$1] = integer($1, in: pins, path, Self.pinNumbers) }
    }

    private mutating func oneWire() -> BoardDescription.OneWire? {
        guard document.root["onewire"] != nil else { return nil }
        let section = table("onewire", in: document.root, [])
        known(["pin", "note", "source"], in: section, ["onewire"])
        let source = required("source", in: section, ["onewire"])
        let pin = integer("pin", in: section, ["onewire"], Self.pinNumbers)
        let note = text("note", in: section, ["onewire"]) ?? ""
        return source.map { BoardDescription.OneWire(pin: pin, note: note, source: $0) }
    }

    private mutating func lines(_ gpio: [String: TOMLNode]) -> [BoardDescription.Line] {
        sections(in: table("lines", in: gpio, ["gpio"]), ["gpio", "lines"]).compactMap { name, line in
            let path = ["gpio", "lines", name]
            known(["chip", "name", "offset", "signal", "unsafe", "note", "source"], in: line, path)
            // An offset says nothing without its chip; a name may do alone, where the chip's label can change.
            let chip = line["name"] == nil ? required("chip", in: line, path) : text("chip", in: line, path)
            let identity = identity(line, path)
            let signal = text("signal", in: line, path)
            let unsafeReason = text("unsafe", in: line, path)
            let note = text("note", in: line, path) ?? ""
            let source = text("source", in: line, path) ?? ""
            guard let identity else { return nil }
            return BoardDescription.Line(
                name: name, chip: chip, identity: identity, signal: signal ?? identity.description,
                unsafeReason: unsafeReason, note: note, source: source)
        }
    }

    private mutating func identity(
        _ line: [String: TOMLNode], _ path: [String]
    ) -> BoardDescription.Line.Identity? {
        let name = text("name", in: line, path)
        let offset = integer("offset", in: line, path, 0...4095)
        switch (name, offset) {
        case (let name?, nil): return .name(name)
        case (nil, let offset?): return .offset(offset)
        case (.some, .some):
            fail(.conflict, path, "It has both name and offset.", "Keep the name where the kernel has one.")
        case (nil, nil):
            if line["name"] == nil, line["offset"] == nil {
                fail(.missing, path, "It names no line.", "Set name or offset.")
            }
        }
        return nil
    }
}
