// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Durations as the configuration writes them: a whole number with `ms`, `s`, `min`, `h` or `d`, or plain seconds.
package enum DurationText {
    /// The forms, for error texts.
    static let forms = "a whole number with ms, s, min, h or d, for example \"8s\", or plain seconds"

    private static let units: [(name: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1),
    ]

    /// The duration that `text` names; `nil` where it names none or one beyond `Int64` milliseconds.
    static func parse(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        guard let count = Int64(digits) else { return nil }
        guard let scale = unit.isEmpty ? 1_000 : units.first(where: { $0.name == unit })?.milliseconds else {
            return nil
        }
        let (milliseconds, overflow) = count.multipliedReportingOverflow(by: scale)
        return overflow ? nil : .milliseconds(milliseconds)
    }

    /// The shortest text that ``parse(_:)`` reads as the same duration.
    package static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
        let unit = units.first { milliseconds % $0.milliseconds == 0 && milliseconds != 0 } ?? ("s", 1_000)
        return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }
}
