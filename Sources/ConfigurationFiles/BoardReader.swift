// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Takes a board file apart; every mistake is kept, and the value left out.
struct BoardReader {
    let document: TOMLDocument
    var errors: [ConfigurationError] = []

    mutating func fail(
        _ kind: ConfigurationError.Kind, _ path: [String], _ problem: String, _ advice: String = ""
    ) {
        let error = ConfigurationError(
            kind, at: document.origin(of: path), path: pathText(path), problem: problem, advice: advice)
        if !errors.contains(error) { errors.append(error) }
    }

    mutating func known(_ names: [String], in table: [String: TOMLNode], _ path: [String]) {
        for name in table.keys.sorted() where !names.contains(name) {
            let advice = Spelling.advice(for: name, among: names)
            let place = path.isEmpty ? "" : " in [\(pathText(path))]"
            fail(.unknownKey, path + [name], "There is no such key\(place).", advice)
        }
    }

    mutating func table(
        _ name: String, in parent: [String: TOMLNode], _ path: [String]
    ) -> [String: TOMLNode] {
        switch parent[name] {
        case nil: return [:]
        case .table(let table): return table
        case let node?:
            fail(.wrongType, path + [name], "Found \(node.typeName).", "Expected a section.")
            return [:]
        }
    }

    /// The sections below one whose names the board chooses, ordered by name.
    mutating func sections(
        in parent: [String: TOMLNode], _ path: [String]
    ) -> [(String, [String: TOMLNode])] {
        parent.keys.sorted().compactMap { name in
            guard ValueKind.isName(name, dashes: true) else {
                fail(
                    .outOfRange, path + [name], "Found the name \"\(printable(name))\".",
                    "Expected \(ValueKind.name(dashes: true).expected).")
                return nil
            }
            guard case .table(let section)? = parent[name] else {
                _ = table(name, in: parent, path)
                return nil
            }
            return (name, section)
        }
    }

    mutating func required(_ name: String, in table: [String: TOMLNode], _ path: [String]) -> String? {
        if table[name] == nil {
            fail(
                .missing, path + [name], "It is not set.",
                name.hasSuffix("source") ? "Say where the facts come from." : "Set it.")
        }
        return text(name, in: table, path)
    }

    mutating func text(_ name: String, in table: [String: TOMLNode], _ path: [String]) -> String? {
        switch table[name] {
        case nil: return nil
        case .string(let text) where Self.hasControlCharacter(text):
            fail(
                .outOfRange, path + [name], "Found \"\(printable(text))\".",
                "Write it without control characters.")
        case .string(let text) where text.contains(where: { !$0.isWhitespace }): return text
        case .string: fail(.outOfRange, path + [name], "Found an empty text.", "Fill it in, or leave it out.")
        case let node?: fail(.wrongType, path + [name], "Found \(node.typeName).", "Expected a text.")
        }
        return nil
    }

    /// Such a text is shown on terminals, which would take it for an order.
    private static func hasControlCharacter(_ text: String) -> Bool {
        text.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }

    mutating func texts(_ name: String, in table: [String: TOMLNode]) -> [String] {
        guard let node = table[name] else { return [] }
        guard case .array(let elements) = node else {
            fail(.wrongType, [name], "Found \(node.typeName).", "Expected an array of texts.")
            return []
        }
        return elements.compactMap { element in
            guard case .string(let text) = element, !text.isEmpty else {
                fail(
                    .wrongType, [name], "Found \(element.typeName) in the array.",
                    "Expected texts that are not empty.")
                return nil
            }
            guard !Self.hasControlCharacter(text) else {
                fail(
                    .outOfRange, [name], "Found \"\(printable(text))\".",
                    "Write it without control characters.")
                return nil
            }
            return text
        }
    }

    mutating func integer(
        _ name: String, in table: [String: TOMLNode], _ path: [String], _ range: ClosedRange<Int>
    ) -> Int? {
        switch table[name] {
        case nil: return nil
        case .integer(let number) where range.contains(number): return number
        case .integer(let number):
            fail(
                .outOfRange, path + [name], "Found \(number).",
                "Expected an integer from \(range.lowerBound) to \(range.upperBound).")
        case let node?: fail(.wrongType, path + [name], "Found \(node.typeName).", "Expected an integer.")
        }
        return nil
    }
}
