// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles

/// The table of all boards in `boards/README.md`, made from the board files.
enum BoardTable {
    static let begin = "<!-- made from the board files: begin -->\n"
    static let end = "<!-- made from the board files: end -->\n"

    /// The table for boards with their files' names.
    static func text(_ boards: [(file: String, board: BoardDescription)]) -> String {
        """
        | File | Board | Chosen by | I²C buses | 1-Wire | Lines that suit a relay |
        |---|---|---|---|---|---|

        """ + boards.map { row($0.file, $0.board) + "\n" }.joined()
    }

    private static func row(_ file: String, _ board: BoardDescription) -> String {
        let chosen = board.compatible.map { "`\($0)`" } + board.dmiProducts.map { "product \"\($0)…\"" }
        let buses = board.i2c.map { "`\($0.name)`: \(place($0.location))\(pins(of: $0))" }
        let relay = board.relayLines.map(\.name).joined(separator: ", ")
        let cells = [
            "`\(file)`", board.name, chosen.isEmpty ? "name only" : chosen.joined(separator: ", "),
            buses.joined(separator: "<br>"), board.oneWire?.pin.map { "pin \($0)" } ?? "-",
            board.lines.isEmpty ? "-" : relay.isEmpty ? "none known" : relay,
        ]
        return "| \(cells.joined(separator: " | ")) |"
    }

    private static func place(_ location: I2CBusLocation) -> String {
        switch location {
        case .adapter(let name): "adapter `\(name)`"
        case .adapterPrefix(let prefix): "adapters `\(prefix)…`"
        case .controller(let name): "controller `\(name)`"
        case .deviceFile(let path): "`\(path)`"
        }
    }

    private static func pins(of bus: BoardDescription.I2CBus) -> String {
        guard let sda = bus.pins["sda"], let scl = bus.pins["scl"] else { return "" }
        return
            ", SDA \(bus.connector.map { "\($0)-" } ?? "")\(sda), SCL \(bus.connector.map { "\($0)-" } ?? "")\(scl)"
    }
}
