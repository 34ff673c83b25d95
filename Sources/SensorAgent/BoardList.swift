// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import StrictJSON

/// The list of all boards.
struct BoardList {
    /// The boards, sorted by name.
    let boards: [KnownBoard]
    /// The machine that the program runs on.
    let machine: MachineIdentity
    /// The name of the board that it is.
    let detected: String?

    /// One line for each board, then what this machine is.
    var text: String {
        let rows = boards.map { board in
            ["\(board.name == detected ? "*" : " ") \(board.name)", board.description.name, board.file]
        }
        return "\(TextLayout.table(rows, indent: 0))\n\n\(thisMachine)"
    }

    private var thisMachine: String {
        guard let board = boards.first(where: { $0.name == detected }) else {
            let unknown = UnknownBoard(machine: machine, known: [])
            let advice = machine.isARMv6 ? unknown.advice : UnknownBoard.adviceBesidesList
            return TextLayout.paragraph("\(unknown.problem) \(advice)", column: 0)
        }
        return "* this machine, by \(board.description.reason(for: machine) ?? "its name")"
    }

    /// The list for programs.
    var json: JSONValue {
        let list = boards.map { board in
            JSONValue.object([
                "name": .string(board.name), "title": .string(board.description.name),
                "file": .string(board.file), "detected": .bool(board.name == detected),
            ])
        }
        var identity: JSONValue = ["compatible": .array(machine.compatible.map(JSONValue.string))]
        identity["dmiProduct"] = machine.dmiProduct.map(JSONValue.string)
        identity["board"] = detected.map(JSONValue.string)
        return ["boards": .array(list), "machine": identity]
    }
}
