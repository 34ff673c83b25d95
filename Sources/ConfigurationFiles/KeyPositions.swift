// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The line of every key and section of a TOML document, counted from 1.
///
/// The parser gives lines for syntax errors only, so this looks at the text first. It is right for every valid
/// document and ends without a trap on every other input. It also refuses what the parser (toml++ 3.4) would answer
/// with a failed assertion, such as `[=]` or `a = [}`, and dates, which no key takes and whose parser asserts too.
package struct KeyPositions: Sendable {
    /// Lines by key path; an element of an array has its index in brackets as a component: `["fruit", "[0]", "name"]`.
    package private(set) var lines: [[String]: Int] = [:]
    /// The deepest nesting of values and key paths that was seen.
    package private(set) var depth = 0
    /// The first place that is not the TOML that we take; `nil` where the whole document is.
    package private(set) var mistake: Mistake?

    /// A mistake of syntax; the text shows nothing of the document, because keys and tokens may stand there.
    package struct Mistake: Sendable, Hashable {
        /// The line, counted from 1.
        package var line: Int
        /// What is wrong, a full sentence.
        package var problem: String
    }

    /// Finds the keys of `bytes`.
    package init(_ bytes: [UInt8]) {
        var scanner = KeyScanner(bytes)
        scanner.scanDocument()
        lines = scanner.lines
        depth = scanner.depth
        mistake = scanner.mistake
    }

    /// The line of `path`, or of the nearest section around it that the document names; 0 where there is none.
    package func nearestLine(of path: [String]) -> Int {
        var rest = path[...]
        while !rest.isEmpty {
            if let line = lines[Array(rest)] { return line }
            rest = rest.dropLast()
        }
        return 0
    }
}

/// Walks over a document and notes where keys stand; values are skipped after a look at their form.
private struct KeyScanner {
    /// The parser refuses more; beyond this the rest of a line is passed over.
    private static let deepest = 128

    private let bytes: [UInt8]
    private var index = 0
    private var line = 1
    private var section: [String] = []
    private var elementCounts: [[String]: Int] = [:]
    private(set) var lines: [[String]: Int] = [:]
    private(set) var depth = 0
    private(set) var mistake: KeyPositions.Mistake?

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    }

    mutating func scanDocument() {
        while true {
            skipBlank()
            guard let byte = peek() else { return }
            if byte == UInt8(ascii: "[") {
                scanHeader()
            } else {
                scanPair(in: section, nesting: 0)
            }
            expectEndOfLine()
            skipLine()
        }
    }

    private mutating func scanHeader() {
        let start = line
        advance()
        let isElement = peek() == UInt8(ascii: "[")
        if isElement { advance() }
        guard let key = scanKey() else { return refuse("A section needs a name between its brackets.") }
        for _ in 0..<(isElement ? 2 : 1) {
            guard peek() == UInt8(ascii: "]") else {
                return refuse("The section's name does not end with ].")
            }
            advance()
        }
        var path = resolved(isElement ? Array(key.dropLast()) : key)
        if isElement, let name = key.last {
            path.append(name)
            note(path, at: start)
            let count = elementCounts[path, default: 0]
            elementCounts[path] = count + 1
            path.append("[\(count)]")
        }
        note(path, at: start)
        section = path
    }

    private mutating func refuse(_ problem: String) {
        if mistake == nil { mistake = KeyPositions.Mistake(line: line, problem: problem) }
    }

    private mutating func expectEndOfLine() {
        skipSpaces()
        if peek() == UInt8(ascii: "\r"), peek(1) == UInt8(ascii: "\n") { advance() }
        guard let byte = peek(), byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "#") else { return }
        refuse("Something stands after the end of the section's name or value.")
    }

    /// A header below an array of tables means the array's last element.
    private func resolved(_ key: [String]) -> [String] {
        key.reduce(into: []) { path, name in
            path.append(name)
            if let count = elementCounts[path] { path.append("[\(count - 1)]") }
        }
    }

    private mutating func scanPair(in parent: [String], nesting: Int) {
        let start = line
        guard let key = scanKey() else { return refuse("Here a key or a [section] is expected.") }
        guard peek() == UInt8(ascii: "=") else { return refuse("After the key, = and a value are expected.") }
        advance()
        let path = parent + key
        note(path, at: start)
        scanValue(path, nesting: nesting + 1)
    }

    private mutating func note(_ path: [String], at line: Int) {
        depth = max(depth, path.count)
        guard path.count <= Self.deepest else { return }
        // Shorter paths are noted too: a dotted key is the only place where its table is named.
        for length in stride(from: path.count, to: 0, by: -1) {
            let prefix = Array(path.prefix(length))
            guard lines[prefix] == nil else { return }
            lines[prefix] = line
        }
    }

    private mutating func scanValue(_ path: [String], nesting: Int) {
        depth = max(depth, nesting)
        guard nesting <= Self.deepest else { return refuse("Values are nested too deep.") }
        skipSpaces()
        switch peek() {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): skipString()
        case UInt8(ascii: "{"): scanInlineTable(path, nesting: nesting)
        case UInt8(ascii: "["): scanArray(path, nesting: nesting)
        default: skipBareValue()
        }
        skipSpaces()
    }

    private mutating func scanInlineTable(_ path: [String], nesting: Int) {
        advance()
        skipSpaces()
        if peek() == UInt8(ascii: "}") { return advance() }
        while true {
            skipSpaces()
            scanPair(in: path, nesting: nesting)
            guard mistake == nil else { return }
            skipSpaces()
            switch peek() {
            case UInt8(ascii: "}"): return advance()
            case UInt8(ascii: ","): advance()
            default: return refuse("The table in braces needs , or } here.")
            }
        }
    }

    private mutating func scanArray(_ path: [String], nesting: Int) {
        advance()
        var count = 0
        while true {
            skipBlank()
            if peek() == UInt8(ascii: "]") { return advance() }
            let element = path + ["[\(count)]"]
            note(element, at: line)
            scanValue(element, nesting: nesting + 1)
            guard mistake == nil else { return }
            count += 1
            skipBlank()
            switch peek() {
            case UInt8(ascii: "]"): return advance()
            case UInt8(ascii: ","): advance()
            default: return refuse("The array needs , or ] here.")
            }
        }
    }

    /// A dotted key; `nil` where the text is no key.
    private mutating func scanKey() -> [String]? {
        var key: [String] = []
        while true {
            skipSpaces()
            guard let name = scanName() else { return nil }
            key.append(name)
            skipSpaces()
            guard peek() == UInt8(ascii: ".") else { return key }
            advance()
        }
    }

    private mutating func scanName() -> String? {
        let start = index
        if peek(1) == peek(), peek(2) == peek(), peek() != nil, peek().map(Self.isBare) == false {
            return nil
        }
        if let quote = peek(), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
            skipString()
            guard index > start + 1 else { return nil }
            let inner = bytes[(start + 1)..<(index - 1)]
            return quote == UInt8(ascii: "'") ? String(decoding: inner, as: UTF8.self) : unescaped(inner)
        }
        while let byte = peek(), Self.isBare(byte) { advance() }
        return index > start ? String(decoding: bytes[start..<index], as: UTF8.self) : nil
    }

    private static func isBare(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private func unescaped(_ inner: ArraySlice<UInt8>) -> String {
        var scalars = String(decoding: inner, as: UTF8.self).unicodeScalars[...]
        var text = String.UnicodeScalarView()
        while let scalar = scalars.popFirst() {
            guard scalar == "\\", let escape = scalars.popFirst() else {
                text.append(scalar)
                continue
            }
            let digits = escape == "u" ? 4 : escape == "U" ? 8 : 0
            let number = UInt32(String(String.UnicodeScalarView(scalars.prefix(digits))), radix: 16)
            scalars = scalars.dropFirst(digits)
            text.append(number.flatMap(Unicode.Scalar.init) ?? Self.escapes[escape] ?? escape)
        }
        return String(text)
    }

    private static let escapes: [Unicode.Scalar: Unicode.Scalar] = [
        "b": "\u{8}", "t": "\t", "n": "\n", "f": "\u{C}", "r": "\r", "e": "\u{1B}",
    ]
}

extension KeyScanner {
    private func peek(_ offset: Int = 0) -> UInt8? {
        index + offset < bytes.count ? bytes[index + offset] : nil
    }

    private mutating func advance() {
        guard index < bytes.count else { return }
        if bytes[index] == UInt8(ascii: "\n") { line += 1 }
        index += 1
    }

    private mutating func skipSpaces() {
        while let byte = peek(), byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { advance() }
    }

    /// Spaces, ends of lines and comments.
    private mutating func skipBlank() {
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): advance()
            case UInt8(ascii: "#"): skipLine()
            default: return
            }
        }
    }

    private mutating func skipLine() {
        while let byte = peek(), byte != UInt8(ascii: "\n") { advance() }
        advance()
    }

    private mutating func skipBareValue() {
        let start = index
        while let byte = peek(), Self.isBare(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".") {
            advance()
        }
        guard !Self.isNumberOrWord(bytes[start..<index]) else { return }
        refuse("The value is neither a text in quotation marks nor a number, true or false.")
    }

    /// Whether the parser can be given `token`: a word, or something that begins like a number and is no date.
    private static func isNumberOrWord(_ token: ArraySlice<UInt8>) -> Bool {
        let text = String(decoding: token, as: UTF8.self)
        if ["true", "false", "inf", "nan", "+inf", "-inf", "+nan", "-nan"].contains(text) { return true }
        let unsigned = text.hasPrefix("+") || text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard (1...64).contains(unsigned.utf8.count), let first = unsigned.utf8.first,
            (0x30...0x39).contains(first)
        else { return false }
        // A sign inside stands after the exponent's letter only.
        return zip(unsigned, unsigned.dropFirst()).allSatisfy { (before: Character, after: Character) in
            // Swift 6.2 takes too long for both in one expression.
            let isSign = after == "-" || after == "+"
            return !isSign || before == "e" || before == "E"
        }
    }

    /// Whether `u0000` or `U00000000` stands here.
    private func isEscapedNUL() -> Bool {
        let digits = peek() == UInt8(ascii: "u") ? 4 : peek() == UInt8(ascii: "U") ? 8 : 0
        return digits > 0 && (1...digits).allSatisfy { peek($0) == UInt8(ascii: "0") }
    }

    /// One string of any of the four kinds, from its first quotation mark to after its last.
    private mutating func skipString() {
        guard let quote = peek() else { return }
        let escapes = quote == UInt8(ascii: "\"")
        let isMultiLine = peek(1) == quote && peek(2) == quote
        for _ in 0..<(isMultiLine ? 3 : 1) { advance() }
        while let byte = peek() {
            if escapes, byte == UInt8(ascii: "\\") {
                advance()
                // The parser's C interface would end the text there.
                if isEscapedNUL() { refuse("A text holds a NUL character.") }
                advance()
            } else if byte == quote, !isMultiLine {
                advance()
                return
            } else if byte == quote, peek(1) == quote, peek(2) == quote {
                // Up to two quotation marks may stand before the closing three.
                while peek() == quote { advance() }
                return
            } else if byte == UInt8(ascii: "\n"), !isMultiLine {
                break
            } else {
                advance()
            }
        }
        refuse("The text has no closing quotation mark.")
    }
}
