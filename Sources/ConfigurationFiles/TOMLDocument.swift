// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import TOMLKit

/// A value of a TOML document, free of the parser's types.
enum TOMLNode: Sendable, Hashable {
    case string(String)
    case integer(Int)
    case float(Double)
    case boolean(Bool)
    /// A date or time, by the name of its type; nothing here takes one.
    case date(String)
    case array([TOMLNode])
    case table([String: TOMLNode])

    /// The type with its article, for "found …".
    var typeName: String {
        switch self {
        case .string: "a text"
        case .integer: "an integer"
        case .float: "a floating-point number"
        case .boolean: "a truth value"
        case .date(let name): "a \(name)"
        case .array: "an array"
        case .table: "a section"
        }
    }
}

/// A parsed file with the lines of its keys.
struct TOMLDocument: Sendable {
    /// More than any configuration needs, and little enough for every recursion over it.
    static let longestFile = 256 * 1024
    private static let longestLine = 4096
    private static let deepestNesting = 16

    let file: String
    let root: [String: TOMLNode]
    let positions: KeyPositions

    /// Parses a whole file, or throws the first mistake of its syntax with its line.
    init(_ bytes: [UInt8], file: String) throws(ConfigurationErrors) {
        self.file = file
        let text = try Self.checkedText(bytes, file: file)
        positions = KeyPositions(bytes)
        guard positions.depth <= Self.deepestNesting else {
            throw Self.failure(
                file, 0, "Sections are nested more than \(Self.deepestNesting) deep.",
                "Compare it with the example in docs/configuration.md.")
        }
        if let mistake = positions.mistake {
            throw Self.failure(
                file, mistake.line, mistake.problem, "Compare it with the example in docs/configuration.md.")
        }
        do {
            root = Self.converted(try TOMLTable(string: text), remaining: Self.deepestNesting)
        } catch let error as TOMLParseError {
            throw Self.syntaxError(error, bytes, file)
        } catch {
            throw Self.failure(
                file, 0, "It is not valid TOML.", "Compare it with the example in docs/configuration.md.")
        }
    }

    func origin(of path: [String]) -> ConfigurationOrigin {
        .file(file, line: positions.nearestLine(of: path))
    }

    private static func checkedText(_ bytes: [UInt8], file: String) throws(ConfigurationErrors) -> String {
        guard bytes.count <= longestFile else {
            throw failure(
                file, 0, "It has \(bytes.count) bytes; at most \(longestFile) are read.",
                "Check that it is the right file.")
        }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            // One long line could nest deeper than the parser's destructors have stack for.
            guard line.count <= longestLine else {
                throw failure(
                    file, index + 1, "This line has more than \(longestLine) bytes.",
                    "Break it, or put a long value into a file of its own.")
            }
            guard !line.contains(0) else {
                throw failure(file, index + 1, "A NUL byte stands here.", "Check that it is the right file.")
            }
            guard String(validating: line, as: UTF8.self) != nil else {
                throw failure(file, index + 1, "This line is not UTF-8.", "Save the file as UTF-8.")
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func failure(
        _ file: String, _ line: Int, _ problem: String, _ advice: String
    ) -> ConfigurationErrors {
        let kind: ConfigurationError.Kind = .syntax
        return ConfigurationErrors([
            ConfigurationError(kind, at: .file(file, line: line), problem: problem, advice: advice)
        ])
    }

    /// The parser quotes what it found, which must not happen near a key or token.
    private static func syntaxError(
        _ error: TOMLParseError, _ bytes: [UInt8], _ file: String
    ) -> ConfigurationErrors {
        let line = error.source.begin.line
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let nearby = lines.indices.filter { abs($0 + 1 - line) <= 1 }
            .map { String(decoding: lines[$0], as: UTF8.self).lowercased() }.joined(separator: " ")
        let mayHoldSecret = ["key", "connection", "sharedaccess", "token"].contains { nearby.contains($0) }
        let detail = mayHoldSecret ? "" : ": \(printable(error.description, limit: 200))"
        return failure(
            file, line, "It is not valid TOML\(detail).",
            "Texts need quotation marks, and every key may stand only once.")
    }

    private static func converted(_ table: TOMLTable, remaining: Int) -> [String: TOMLNode] {
        guard remaining > 0 else { return [:] }
        return table.keys.reduce(into: [:]) { nodes, key in
            nodes[key] = table[key].map { converted($0, remaining: remaining - 1) } ?? .date("nothing")
        }
    }

    private static func converted(_ value: any TOMLValueConvertible, remaining: Int) -> TOMLNode {
        switch value.type {
        case .string: value.string.map(TOMLNode.string) ?? .date("text")
        case .int: value.int.map(TOMLNode.integer) ?? .date("number")
        case .double: value.double.map(TOMLNode.float) ?? .date("number")
        case .bool: value.bool.map(TOMLNode.boolean) ?? .date("word")
        case .date, .time, .dateTime: .date(value.type.description)
        case .table: .table(value.table.map { converted($0, remaining: remaining) } ?? [:])
        case .array:
            .array(
                (value.array.map { array in remaining > 0 ? (0..<array.count).map { array[$0] } : [] } ?? [])
                    .map { converted($0, remaining: remaining - 1) })
        }
    }
}
