// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import Quantities

/// Reports of sensors as people read them: a row for each quantity, and a sentence for each sensor that gave no value.
struct ReadingTable {
    private static let headings = ["NAME", "QUANTITY", "VALUE", "UNIT", "AGE", "QUALITY", "SENSOR"]
    private static let valueColumn = 2

    private var widths: [Int]

    /// Makes a table in which these reports and later ones of the same sensors fit.
    init(_ reports: [SensorReport]) {
        // The longest words of each column, so that rows that come later stand in line.
        let usual = ["", "temperature", "100000.00", "%RH", "", "good", ""]
        widths = zip(Self.headings, usual).map { max($0.count, $1.count) }
        for row in reports.flatMap(Self.rows) {
            for (column, cell) in row.enumerated() { widths[column] = max(widths[column], cell.count) }
        }
    }

    /// The line of headings.
    var header: String { line(Self.headings) }

    /// The lines of the reports: rows first, then sentences.
    func lines(_ reports: [SensorReport]) -> [String] {
        reports.flatMap(Self.rows).map(line) + reports.compactMap(Self.sentence)
    }

    private static func rows(_ report: SensorReport) -> [[String]] {
        let place = sensor(report)
        guard !report.measurements.isEmpty else {
            let reason = report.failure?.kind.rawValue ?? "not read yet"
            return [[report.name.text, "-", "-", "-", "-", reason, place]]
        }
        return report.measurements.map { measurement in
            let value =
                switch measurement.value {
                case .success(let number): decimal(number, places: measurement.quantity.places)
                case .failure: "-"
                }
            return [
                report.name.text, measurement.quantity.word, value, measurement.quantity.unitSymbol,
                report.age.map(age) ?? "-", quality(measurement), place,
            ]
        }
    }

    private static func sentence(_ report: SensorReport) -> String? {
        guard let failure = report.failure else { return nil }
        let standIn = report.isSimulated ? " A model stands in for it." : ""
        let text = printable(failure.text)
        return "\(report.name) gave no value: \(text)\(text.hasSuffix(".") ? "" : ".")\(standIn)"
    }

    private static func sensor(_ report: SensorReport) -> String {
        let place = report.place.map { " @ \(printable($0))" } ?? ""
        return report.driver + place + (report.isSimulated ? " (simulated)" : "")
    }

    private static func quality(_ measurement: Measurement) -> String {
        if case .failure(let kind) = measurement.value { return kind.rawValue }
        let flags = measurement.flags.map(\.rawValue).sorted()
        switch measurement.quality {
        case .good: return flags.isEmpty ? "good" : "good (\(flags.joined(separator: ", ")))"
        case .suspect(let reason): return "suspect (\(reason.rawValue))"
        }
    }

    private static func age(_ age: Duration) -> String {
        age < .seconds(10) ? "\(decimal(age.seconds, places: 1)) s" : "\(age.components.seconds) s"
    }

    /// A name from the kernel may hold anything, also what a terminal takes for an order.
    private static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }

    private func line(_ cells: [String]) -> String {
        var line = ""
        for (column, cell) in cells.enumerated() {
            let blanks = String(repeating: " ", count: max(0, widths[column] - cell.count))
            if column == Self.valueColumn {
                line += blanks + cell + "  "
            } else {
                line += cell + (column == cells.count - 1 ? "" : blanks + "  ")
            }
        }
        return line
    }
}

extension Quantity {
    /// The quantity as people call it.
    fileprivate var word: String {
        switch self {
        case .temperature: "temperature"
        case .relativeHumidity: "humidity"
        case .pressure: "pressure"
        }
    }

    /// Digits behind the point that sensors can tell.
    fileprivate var places: Int {
        switch self {
        case .temperature: 3
        case .relativeHumidity: 2
        case .pressure: 1
        }
    }
}

/// A number with a fixed count of digits behind the point, rounded half away from zero; huge ones as they are.
func decimal(_ value: Double, places: Int) -> String {
    var scale: Int64 = 1
    for _ in 0..<places { scale *= 10 }
    guard let scaled = Int64(exactly: (value * Double(scale)).rounded()) else { return "\(value)" }
    let digits = String(scaled.magnitude % scale.magnitude)
    let zeros = String(repeating: "0", count: max(0, places - digits.count))
    let whole = (scaled < 0 ? "-" : "") + String(scaled.magnitude / scale.magnitude)
    return places == 0 ? whole : "\(whole).\(zeros)\(digits)"
}
