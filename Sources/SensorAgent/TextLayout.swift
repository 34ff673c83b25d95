// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Lays out text for a terminal.
enum TextLayout {
    /// Columns that a line may take.
    static let width = 100

    /// `label` and then `text`, broken at blanks, later lines below the beginning of `text`.
    ///
    /// A word that is longer than a line stands alone in one.
    static func paragraph(_ text: String, label: String = "", column: Int) -> String {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, column + line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        lines.append(line)
        let indent = String(repeating: " ", count: column)
        return lines.enumerated().map { index, line in
            (index == 0 ? padded(label, to: column) : indent) + line
        }.joined(separator: "\n")
    }

    /// Rows with all columns but the last one as wide as their widest cell; the last one is broken into lines.
    static func table(_ rows: [[String]], indent: Int = 2) -> String {
        let columns = max((rows.map(\.count).max() ?? 1) - 1, 0)
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count - 1 ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            let start = String(repeating: " ", count: indent)
            let label = zip(row.dropLast(), widths).reduce(start) { $0 + padded($1.0, to: $1.1 + 2) }
            return paragraph(row.last ?? "", label: label, column: label.count)
        }.joined(separator: "\n")
    }

    /// `text` with blanks after it.
    static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(width - text.count, 0))
    }

    /// `text` with blanks before it.
    static func aligned(_ text: String, to width: Int) -> String {
        String(repeating: " ", count: max(width - text.count, 0)) + text
    }
}
