// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles
import Quantities
import SensorDrivers

/// What a scan has found, for people.
struct ScanText {
    private let report: ScanReport
    private let board: BoardDescription?
    private let words: BusWords

    /// Prepares the text of a report on that board.
    init(_ report: ScanReport, board: BoardDescription?) {
        self.report = report
        self.board = board
        words = BusWords(report, board: board)
    }

    /// The text, without a newline at its end.
    var text: String {
        var blocks = report.adapters.map(adapter)
        if !report.oneWire.isEmpty {
            blocks.append(
                "1-Wire\n" + TextLayout.table(report.oneWire.map { [$0.id, description(of: $0.finding)] }))
        }
        if !report.kernelSensors.isEmpty {
            let rows = report.kernelSensors.map {
                ["\($0.kind.rawValue) \($0.name ?? "")", $0.attributes.joined(separator: ", ")]
            }
            blocks.append("Measured by the kernel\n" + TextLayout.table(rows))
        }
        let advice = ScanAdvice(report, board: board, words: words).lines
        if !advice.isEmpty {
            blocks.append(advice.map { TextLayout.paragraph($0, column: 0) }.joined(separator: "\n"))
        }
        return blocks.joined(separator: "\n\n")
    }

    private func adapter(_ adapter: ScanReport.Adapter) -> String {
        var head = "I2C adapter \(adapter.deviceFile): \(adapter.name)"
        if let board, let bus = words.boardBus(adapter) { head += ", \"\(bus)\" of \(board.name)" }
        var rows = adapter.chips.map { chip in
            [hexadecimal(chip.address), description(of: chip, on: adapter)]
        }
        if let problem = adapter.problem {
            rows.append([adapter.chips.isEmpty ? "not scanned:" : "not scanned to its end:", problem.text])
        } else if rows.isEmpty {
            rows.append(["no chip answers"])
        }
        return head + "\n" + TextLayout.table(rows)
    }

    private func description(of chip: ScanReport.Chip, on adapter: ScanReport.Adapter) -> String {
        guard case .held = chip.finding else { return description(of: chip.finding) }
        let attributes = report.kernelSensors.filter {
            $0.adapter == adapter.number && $0.address == chip.address
        }.map { "\($0.kind.rawValue) \($0.attributes.joined(separator: ", "))" }
        let values = attributes.isEmpty ? "" : "; it gives \(attributes.joined(separator: " and "))"
        return description(of: chip.finding) + values
    }

    private func description(of finding: ScanReport.Finding) -> String {
        switch finding {
        case .identified(.known(let chip)):
            return DriverCatalog.driver(named: chip) == nil ? "\(chip), for which there is no driver" : chip
        case .identified(.ambiguous(let chip, let others)):
            let parts = ([chip] + others.dropLast()).joined(separator: ", ")
            return others.last.map { "\(parts) or \($0), which answer alike" } ?? chip
        case .unknown(let reason): return "unknown: \(reason)"
        case .notAskable(let reason): return "not identified on this adapter: \(reason)"
        case .held(let driver): return "held by \(driver.map { "the kernel driver \($0)" } ?? "the kernel")"
        case .inUse(let sensor): return "in use: the agent reads it as \"\(sensor)\""
        case .failed(let problem): return "failed: \(problem.text)"
        }
    }
}
