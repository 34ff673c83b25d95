// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

extension BoardReader {
    /// Reports what contradicts itself, and lines that would pass as ones for a relay by mistake.
    mutating func check(_ board: BoardDescription) {
        for line in board.lines {
            checkForRelay(line, of: board)
            checkPin(of: line, of: board)
        }
        checkTwins(among: board.linesByPin)
        checkBuses(of: board)
    }

    /// Reports a line that may drive a relay though nobody knows its state at reset, or though it is a bus.
    private mutating func checkForRelay(_ line: BoardDescription.Line, of board: BoardDescription) {
        guard line.unsafeReason == nil else { return }
        let path = ["gpio", "lines", line.name, "unsafe"]
        let source = line.source.isEmpty ? board.resetSource : line.source
        if source.lowercased().contains("unverified") {
            fail(
                .missing, path, "Its state at reset is unverified.",
                "Say why it must not drive a relay, or give it a source of its own.")
        } else if case let buses = board.buses(of: line), !buses.isEmpty {
            fail(
                .missing, path, "Its pin has a bus (\(buses.joined(separator: ", "))).",
                "Say in unsafe that it must not drive a relay.")
        }
    }

    private mutating func checkPin(of line: BoardDescription.Line, of board: BoardDescription) {
        guard let pin = board.pin(of: line) else { return }
        let path = ["gpio", "lines", line.name]
        if !(1...pin.connector.pins).contains(pin.number) {
            fail(.outOfRange, path, "\(pin.connector.title) has no pin \(pin.number).", "Correct its name.")
        } else if let fixed = pin.connector.fixed[pin.number] {
            fail(
                .conflict, path,
                "Pin \(pin.number) is \"\(printable(fixed))\" in [connector.\(pin.connector.name)].",
                "Keep one of both.")
        }
    }

    /// Reports lines that the kernel would take for one: a relay on one of their pins would not switch.
    private mutating func checkTwins(among lines: [BoardDescription.Line]) {
        for (index, line) in lines.enumerated() {
            guard
                let twin = lines[..<index].first(where: {
                    $0.chip == line.chip && $0.identity == line.identity
                })
            else { continue }
            fail(
                .conflict, ["gpio", "lines", line.name], "It is the same line as \(twin.name).",
                "Correct one of both.")
        }
    }

    /// Reports buses whose pins are on no connector or on nobody knows which; without connectors any pin goes.
    private mutating func checkBuses(of board: BoardDescription) {
        guard let first = board.connectors.first else { return }
        for bus in board.i2c where !bus.pins.isEmpty {
            let path = ["i2c", bus.name, "connector"]
            if let name = bus.connector, !board.connectors.contains(where: { $0.name == name }) {
                fail(
                    .unknownName, path, "There is no [connector.\(printable(name))].",
                    Spelling.advice(for: name, among: board.connectors.map(\.name)))
            } else if bus.connector == nil, board.connectors.count > 1 {
                fail(.missing, path, "The board has more than one connector.", "Name the one of its pins.")
            } else {
                checkPins(of: bus, on: board.connectors.first { $0.name == bus.connector } ?? first)
            }
        }
        if let pin = board.oneWire?.pin, pin > first.pins {
            fail(.outOfRange, ["onewire", "pin"], "\(first.title) has no pin \(pin).", "Correct it.")
        }
    }

    private mutating func checkPins(
        of bus: BoardDescription.I2CBus, on connector: BoardDescription.Connector
    ) {
        let path = ["i2c", bus.name, "pins"]
        if let data = bus.pins["sda"], data == bus.pins["scl"] {
            fail(.conflict, path, "sda and scl are one pin.", "Correct one of both.")
        }
        for (signal, pin) in bus.pins.sorted(by: { $0.key < $1.key }) where pin > connector.pins {
            fail(.outOfRange, path + [signal], "\(connector.title) has no pin \(pin).", "Correct it.")
        }
    }
}
