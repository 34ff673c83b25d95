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

/// Takes a board file apart; every mistake is kept, and the value left out.
private struct BoardReader {
    let document: TOMLDocument
    var errors: [ConfigurationError] = []

    mutating func board() -> BoardDescription {
        let root = document.root
        known(["name", "compatible", "dmi-products", "i2c", "onewire", "gpio"], in: root, [])
        let board = BoardDescription(
            name: required("name", in: root, []) ?? "", compatible: texts("compatible", in: root),
            dmiProducts: texts("dmi-products", in: root), i2c: buses(), oneWire: oneWire(), lines: lines(),
            linesSource: linesSource())
        return board
    }

    private mutating func buses() -> [BoardDescription.I2CBus] {
        sections(in: table("i2c", in: document.root, []), ["i2c"]).compactMap { name, bus in
            let path = ["i2c", name]
            known(["adapter", "adapter-prefix", "controller", "pins", "note", "source"], in: bus, path)
            let source = required("source", in: bus, path)
            let location = location(bus, path)
            let pins = pins(bus, path)
            let note = text("note", in: bus, path) ?? ""
            guard let location, let source else { return nil }
            return BoardDescription.I2CBus(
                name: name, location: location, pins: pins, note: note, source: source)
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
        return pins.keys.sorted().reduce(into: [:]) { $0[$1] = integer($1, in: pins, path, 1...1000) }
    }

    private mutating func oneWire() -> BoardDescription.OneWire? {
        guard document.root["onewire"] != nil else { return nil }
        let section = table("onewire", in: document.root, [])
        known(["pin", "note", "source"], in: section, ["onewire"])
        let source = required("source", in: section, ["onewire"])
        let pin = integer("pin", in: section, ["onewire"], 1...1000)
        let note = text("note", in: section, ["onewire"]) ?? ""
        return source.map { BoardDescription.OneWire(pin: pin, note: note, source: $0) }
    }

    private mutating func lines() -> [BoardDescription.Line] {
        let gpio = table("gpio", in: document.root, [])
        known(["lines", "source"], in: gpio, ["gpio"])
        return sections(in: table("lines", in: gpio, ["gpio"]), ["gpio", "lines"]).compactMap { name, line in
            let path = ["gpio", "lines", name]
            known(["chip", "name", "offset", "unsafe", "note"], in: line, path)
            let chip = required("chip", in: line, path)
            let identity = identity(line, path)
            let unsafeReason = text("unsafe", in: line, path)
            let note = text("note", in: line, path) ?? ""
            guard let identity, let chip else { return nil }
            return BoardDescription.Line(
                name: name, chip: chip, identity: identity, unsafeReason: unsafeReason, note: note)
        }
    }

    private mutating func linesSource() -> String {
        guard document.root["gpio"] != nil else { return "" }
        return required("source", in: table("gpio", in: document.root, []), ["gpio"]) ?? ""
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

extension BoardReader {
    private mutating func fail(
        _ kind: ConfigurationError.Kind, _ path: [String], _ problem: String, _ advice: String = ""
    ) {
        let error = ConfigurationError(
            kind, at: document.origin(of: path), path: pathText(path), problem: problem, advice: advice)
        if !errors.contains(error) { errors.append(error) }
    }

    private mutating func known(_ names: [String], in table: [String: TOMLNode], _ path: [String]) {
        for name in table.keys.sorted() where !names.contains(name) {
            let advice = Spelling.advice(for: name, among: names)
            let place = path.isEmpty ? "" : " in [\(pathText(path))]"
            fail(.unknownKey, path + [name], "There is no such key\(place).", advice)
        }
    }

    private mutating func table(
        _ name: String, in parent: [String: TOMLNode], _ path: [String]
    ) -> [String: TOMLNode] {
        switch parent[name] {
        case nil: return [:]
        case .table(let table): return table
        case let node?:
            fail(.wrongType, path + [name], "Found \(node.typeName).", "Expected a section.")
            return [:]
        }
    }

    /// The sections below one whose names the board chooses, ordered by name.
    private mutating func sections(
        in parent: [String: TOMLNode], _ path: [String]
    ) -> [(String, [String: TOMLNode])] {
        parent.keys.sorted().compactMap { name in
            guard ValueKind.isName(name, dashes: true) else {
                fail(
                    .outOfRange, path + [name], "Found the name \"\(printable(name))\".",
                    "Expected \(ValueKind.name(dashes: true).expected).")
                return nil
            }
            guard case .table(let section)? = parent[name] else {
                _ = table(name, in: parent, path)
                return nil
            }
            return (name, section)
        }
    }

    private mutating func required(_ name: String, in table: [String: TOMLNode], _ path: [String]) -> String?
    {
        if table[name] == nil {
            fail(
                .missing, path + [name], "It is not set.",
                name == "source" ? "Say where the facts come from." : "Set it.")
        }
        return text(name, in: table, path)
    }

    private mutating func text(_ name: String, in table: [String: TOMLNode], _ path: [String]) -> String? {
        switch table[name] {
        case nil: return nil
        case .string(let text) where text.contains(where: { !$0.isWhitespace }): return text
        case .string: fail(.outOfRange, path + [name], "Found an empty text.", "Fill it in, or leave it out.")
        case let node?: fail(.wrongType, path + [name], "Found \(node.typeName).", "Expected a text.")
        }
        return nil
    }

    private mutating func texts(_ name: String, in table: [String: TOMLNode]) -> [String] {
        guard let node = table[name] else { return [] }
        guard case .array(let elements) = node else {
            fail(.wrongType, [name], "Found \(node.typeName).", "Expected an array of texts.")
            return []
        }
        return elements.compactMap { element in
            guard case .string(let text) = element, !text.isEmpty else {
                fail(
                    .wrongType, [name], "Found \(element.typeName) in the array.",
                    "Expected texts that are not empty.")
                return nil
            }
            return text
        }
    }

    private mutating func integer(
        _ name: String, in table: [String: TOMLNode], _ path: [String], _ range: ClosedRange<Int>
    ) -> Int? {
        switch table[name] {
        case nil: return nil
        case .integer(let number) where range.contains(number): return number
        case .integer(let number):
            fail(
                .outOfRange, path + [name], "Found \(number).",
                "Expected an integer from \(range.lowerBound) to \(range.upperBound).")
        case let node?: fail(.wrongType, path + [name], "Found \(node.typeName).", "Expected an integer.")
        }
        return nil
    }
}
