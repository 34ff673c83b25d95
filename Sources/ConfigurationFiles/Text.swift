// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Found text as errors may show it: one line, at most `limit` characters, control characters as `\u{…}`, no key.
func printable(_ text: String, limit: Int = 60) -> String {
    let lowercase = text.lowercased()
    guard !lowercase.contains("sharedaccess"), !lowercase.contains("sig=") else { return "<redacted>" }
    var shown = ""
    for scalar in text.unicodeScalars.prefix(limit) {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            shown += "\\u{\(String(scalar.value, radix: 16))}"
        default: shown.unicodeScalars.append(scalar)
        }
    }
    return text.unicodeScalars.count > limit ? shown + "…" : shown
}

/// Spelling suggestions by edit distance.
package enum Spelling {
    /// A longer list helps nobody in one line.
    private static let longestList = 16

    /// The candidate nearest to `word`, where one is near enough to be a slip of the fingers.
    package static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        let word = String(word.prefix(64))
        let ranked = candidates.map { (distance(word.lowercased(), $0.lowercased()), $0) }
        guard let best = ranked.min(by: { $0 < $1 }) else { return nil }
        let longer = max(word.count, best.1.count)
        // Where not one character is the same, as of two single letters, nothing is near.
        return best.0 < longer && best.0 <= max(1, longer / 3) ? best.1 : nil
    }

    /// How many insertions, deletions, replacements and swaps of neighbours turn one word into the other.
    static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left.unicodeScalars), Array(right.unicodeScalars))
        guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
        var beforePrevious: [Int] = []
        var previous = Array(0...right.count)
        for row in 1...left.count {
            var current = [row]
            for column in 1...right.count {
                let change = previous[column - 1] + (left[row - 1] == right[column - 1] ? 0 : 1)
                var best = min(change, previous[column] + 1, current[column - 1] + 1)
                if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1]
                {
                    best = min(best, beforePrevious[column - 2] + 1)
                }
                current.append(best)
            }
            (beforePrevious, previous) = (previous, current)
        }
        return previous[right.count]
    }

    /// "Did you mean …?", or the whole list where nothing is near; empty where there is nothing to say.
    static func advice(for word: String, among candidates: [String]) -> String {
        if let near = nearest(to: word, among: candidates) { return "Did you mean \"\(near)\"?" }
        guard !candidates.isEmpty else { return "" }
        guard candidates.count <= longestList else { return "The known ones are in docs/configuration.md." }
        return "Known here: \(candidates.sorted().joined(separator: ", "))."
    }
}
