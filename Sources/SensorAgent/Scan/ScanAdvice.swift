// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles

/// What to check where a scan has found less than there should be.
struct ScanAdvice {
    private let report: ScanReport
    private let board: BoardDescription?
    private let words: BusWords

    init(_ report: ScanReport, board: BoardDescription?, words: BusWords) {
        self.report = report
        self.board = board
        self.words = words
    }

    /// Full sentences; none where chips were found.
    var lines: [String] {
        let isEmpty = report.adapters.allSatisfy(\.chips.isEmpty) && report.oneWire.isEmpty
        guard isEmpty else { return [] }
        guard !report.hasProblems else { return absentBuses }
        return ["Nothing was found."] + (report.adapters.isEmpty ? noAdapter : absentBuses + wiring) + oneWire
    }

    private var noAdapter: [String] {
        let notes = absentBuses
        return ["This machine shows no I2C adapter."]
            + (notes.isEmpty ? ["Enable I2C in the board's configuration, then scan again."] : notes)
    }

    /// The board's buses that no adapter is.
    private var absentBuses: [String] {
        let present = Set(report.adapters.compactMap(words.boardBus))
        return (board?.i2c ?? []).filter { !present.contains($0.name) }.map { bus in
            "The I2C bus \"\(bus.name)\" of \(board?.name ?? "the board") is not there. \(bus.note)"
        }
    }

    private var wiring: [String] {
        let pins = (board?.i2c ?? []).compactMap { bus -> String? in
            guard let data = bus.pins["sda"], let clock = bus.pins["scl"] else { return nil }
            return "\"\(bus.name)\" has SDA on pin \(data) and SCL on pin \(clock)"
        }
        let places = pins.isEmpty ? "" : " (\(pins.joined(separator: ", ")))"
        return [
            """
            No chip answers on any adapter. Check its supply and ground, that SDA and SCL are not swapped\(places), and \
            that both lines have pull-ups.
            """
        ]
    }

    private var oneWire: [String] {
        guard let oneWire = board?.oneWire else { return [] }
        let pin = oneWire.pin.map { " Its data line is pin \($0)." } ?? ""
        return ["The kernel sees no 1-Wire device.\(pin) \(oneWire.note)"]
    }
}
