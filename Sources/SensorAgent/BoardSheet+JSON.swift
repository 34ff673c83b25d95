// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import StrictJSON

extension BoardSheet {
    /// The sheet for programs; what the file does not say is left out.
    var json: JSONValue {
        let facts = board.description
        var sheet: JSONValue = [
            "name": .string(board.name), "title": .string(facts.name), "file": .string(board.file),
            "detected": .bool(isDetected), "compatible": Self.texts(facts.compatible),
            "dmiProducts": Self.texts(facts.dmiProducts), "source": .string(facts.source),
            "connectors": .array(facts.connectors.map { Self.connector($0, of: facts) }),
            "i2c": .array(facts.i2c.map(Self.bus)), "lines": .array(facts.linesByPin.map(Self.line)),
            "linesSource": .string(facts.linesSource), "resetSource": .string(facts.resetSource),
        ]
        if let bus = facts.oneWire {
            sheet["oneWire"] = Self.object([
                "pin": bus.pin.map { .int(Int64($0)) }, "note": Self.text(bus.note),
                "source": .string(bus.source),
            ])
        }
        return sheet
    }

    private static func connector(
        _ connector: BoardDescription.Connector, of board: BoardDescription
    ) -> JSONValue {
        let pins = board.pins(of: connector).map { pin in
            object([
                "pin": .int(Int64(pin.number)), "fixed": pin.fixed.map(JSONValue.string),
                "line": pin.line.map { .string($0.name) }, "signal": pin.line.map { .string($0.signal) },
                "buses": pin.buses.isEmpty ? nil : texts(pin.buses),
                "suitsRelay": pin.line.map { _ in .bool(pin.suitsRelay) },
            ])
        }
        return [
            "name": .string(connector.name), "title": .string(connector.title), "pins": .array(pins),
            "source": .string(connector.source),
        ]
    }

    private static func bus(_ bus: BoardDescription.I2CBus) -> JSONValue {
        object([
            "name": .string(bus.name), "location": .string(bus.location.description),
            "connector": bus.connector.map(JSONValue.string),
            "sda": bus.pins["sda"].map { .int(Int64($0)) }, "scl": bus.pins["scl"].map { .int(Int64($0)) },
            "note": text(bus.note), "source": .string(bus.source),
        ])
    }

    private static func line(_ line: BoardDescription.Line) -> JSONValue {
        var value = object([
            "name": .string(line.name), "chip": line.chip.map(JSONValue.string),
            "signal": .string(line.signal), "suitsRelay": .bool(line.unsafeReason == nil),
            "unsafe": line.unsafeReason.map(JSONValue.string), "note": text(line.note),
            "source": text(line.source),
        ])
        switch line.identity {
        case .name(let name): value["kernelName"] = .string(name)
        case .offset(let offset): value["offset"] = .int(Int64(offset))
        }
        return value
    }

    private static func text(_ text: String) -> JSONValue? { text.isEmpty ? nil : .string(text) }

    private static func texts(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }

    private static func object(_ members: [String: JSONValue?]) -> JSONValue {
        .object(members.compactMapValues(\.self))
    }
}
