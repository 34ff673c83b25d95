// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// One pin of a connector with everything that the board file says of it.
package struct BoardPin: Sendable, Hashable {
    /// The pin number, counted from 1.
    package var number: Int
    /// What is on it where it is no line: a supply, a ground; `nil` for a line and where nobody says.
    package var fixed: String?
    /// The line on it.
    package var line: BoardDescription.Line?
    /// The buses on it, for example `header SDA` or `1-Wire`.
    package var buses: [String]

    /// Whether the line may drive a relay; `false` where there is no line.
    package var suitsRelay: Bool { line.map { $0.unsafeReason == nil } ?? false }
}

extension BoardDescription {
    /// The lines that may drive a relay, in the order of their pins.
    package var relayLines: [Line] {
        lines.filter { $0.unsafeReason == nil }.sorted { position($0) < position($1) }
    }

    /// All lines, in the order of their pins.
    package var linesByPin: [Line] { lines.sorted { position($0) < position($1) } }

    /// The pins of one connector, pin 1 first.
    package func pins(of connector: Connector) -> [BoardPin] {
        (1...max(connector.pins, 1)).map { number in
            BoardPin(
                number: number, fixed: connector.fixed[number],
                line: lines.first { $0.name == "\(connector.name)-\(number)" },
                buses: buses(at: number, of: connector))
        }
    }

    /// The connector and pin that a line's name means; `nil` where it means none.
    func pin(of line: Line) -> (connector: Connector, number: Int)? {
        guard let dash = line.name.lastIndex(of: "-"),
            let number = Int(line.name[line.name.index(after: dash)...]),
            let connector = connectors.first(where: { $0.name == line.name[..<dash] })
        else { return nil }
        return (connector, number)
    }

    /// The buses on a line's pin, for example `header SDA`; empty where there is none.
    func buses(of line: Line) -> [String] {
        pin(of: line).map { buses(at: $0.number, of: $0.connector) } ?? []
    }

    private func buses(at number: Int, of connector: Connector) -> [String] {
        let i2c = i2c.filter { ($0.connector ?? connectors.first?.name) == connector.name }.flatMap { bus in
            bus.pins.filter { $0.value == number }.map { "\(bus.name) \($0.key.uppercased())" }
        }
        let isOneWire = oneWire?.pin == number && connector.name == connectors.first?.name
        return i2c.sorted() + (isOneWire ? ["1-Wire"] : [])
    }

    private func position(_ line: Line) -> LinePosition {
        let pin = pin(of: line)
        return LinePosition(connector: pin?.connector.name ?? "~", pin: pin?.number ?? 0, name: line.name)
    }
}

/// Orders lines as a person counts pins; what is on no connector comes last.
private struct LinePosition: Comparable {
    var connector: String
    var pin: Int
    var name: String

    static func < (left: LinePosition, right: LinePosition) -> Bool {
        (left.connector, left.pin, left.name) < (right.connector, right.pin, right.name)
    }
}

extension BoardDescription.Line.Identity: CustomStringConvertible {
    /// The kernel's name, or `line 8`.
    package var description: String {
        switch self {
        case .name(let name): name
        case .offset(let offset): "line \(offset)"
        }
    }
}
