// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles

/// Everything that a board file says, for people and for programs.
struct BoardSheet {
    let board: KnownBoard
    /// The machine that the program runs on.
    let machine: MachineIdentity
    /// Whether the machine is this board.
    let isDetected: Bool

    private var facts: BoardDescription { board.description }

    /// The sheet as text: connectors drawn pin by pin, lines, buses and sources.
    var text: String {
        let sections = [head] + facts.connectors.map(drawing) + [lines, buses, oneWire, sources]
        return sections.compactMap(\.self).joined(separator: "\n\n")
    }

    private var head: String? {
        var rows = [["File:", board.file]]
        if !facts.compatible.isEmpty {
            rows.append(["Device tree:", facts.compatible.joined(separator: ", ")])
        }
        if !facts.dmiProducts.isEmpty {
            rows.append(["Product name:", facts.dmiProducts.joined(separator: ", ")])
        }
        if isDetected, let reason = facts.reason(for: machine) {
            rows.append(["This machine:", "yes, by \(reason)"])
        }
        if !facts.lines.isEmpty {
            let names = facts.relayLines.map(\.name).joined(separator: ", ")
            rows.append(["For a relay:", names.isEmpty ? "none; the reasons are below" : names])
        }
        return "\(facts.name)\n\(TextLayout.table(rows))"
    }

    private func drawing(_ connector: BoardDescription.Connector) -> String {
        let pins = facts.pins(of: connector)
        let left = stride(from: 0, to: pins.count, by: 2).map { pins[$0] }
        let width = left.map { Self.label($0, isLeft: true).count }.max() ?? 0
        let rows = left.enumerated().map { row, pin in
            let start =
                "  \(TextLayout.aligned(Self.label(pin, isLeft: true), to: width))"
                + " \(pin.suitsRelay ? "*" : " ") \(TextLayout.aligned(String(pin.number), to: 3)) |"
            guard pins.indices.contains(2 * row + 1) else { return start }
            let other = pins[2 * row + 1]
            return start + " \(TextLayout.padded(String(other.number), to: 3))"
                + " \(other.suitsRelay ? "*" : " ") \(Self.label(other, isLeft: false))"
        }
        let title =
            "\(connector.title), lines \(connector.name)-1 to \(connector.name)-\(connector.pins); "
            + "* suits a relay that a high level switches on"
        return ([title] + rows.map(Self.trimmed)).joined(separator: "\n")
    }

    /// What is on a pin, with its buses on the outer side.
    private static func label(_ pin: BoardPin, isLeft: Bool) -> String {
        let name = pin.line?.signal ?? pin.fixed ?? "?"
        let words = isLeft ? pin.buses + [name] : [name] + pin.buses
        return words.joined(separator: "  ")
    }

    private static func trimmed(_ row: String) -> String {
        var row = row
        while row.last == " " { row.removeLast() }
        return row
    }

    private var lines: String? {
        guard !facts.lines.isEmpty else { return nil }
        let rows = facts.linesByPin.map { line in
            let verdict = line.unsafeReason.map { "not for a relay: \($0)" } ?? "suits a relay"
            let remarks = [verdict, line.note].filter { !$0.isEmpty }.joined(separator: "; ")
            return [line.name, line.signal, line.chip ?? "", "\(line.identity)", remarks]
        }
        return "Lines: name, signal, chip, kernel's name or number\n\(TextLayout.table(rows))"
    }

    private var buses: String? {
        guard !facts.i2c.isEmpty else { return nil }
        let rows = facts.i2c.map { bus in
            let place = bus.pins.isEmpty ? "" : ", \(Self.pins(of: bus))"
            return [bus.name, "\(bus.location)\(place)" + (bus.note.isEmpty ? "" : ". \(bus.note)")]
        }
        return "I2C buses\n\(TextLayout.table(rows))"
    }

    private static func pins(of bus: BoardDescription.I2CBus) -> String {
        let connector = bus.connector.map { "\($0) " } ?? ""
        return ["sda", "scl"].compactMap { signal in
            bus.pins[signal].map { "\(signal.uppercased()) on \(connector)pin \($0)" }
        }.joined(separator: ", ")
    }

    private var oneWire: String? {
        guard let bus = facts.oneWire else { return nil }
        let pin = bus.pin.map { "pin \($0)" } ?? "no pin"
        return "1-Wire\n\(TextLayout.table([[pin, bus.note]]))"
    }

    private var sources: String? {
        var rows = [["board:", facts.source]]
        rows += facts.connectors.map { ["\($0.title):", $0.source] }
        rows += facts.i2c.map { ["I2C bus \($0.name):", $0.source] }
        rows.append(["1-Wire:", facts.oneWire?.source ?? ""])
        rows.append(["lines:", facts.linesSource])
        rows += facts.linesByPin.map { ["\($0.name):", $0.source] }
        rows.append(["state at reset:", facts.resetSource])
        return "Sources\n\(TextLayout.table(rows.filter { !$0[1].isEmpty }))"
    }
}
