// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Simulation
import Testing

@testable import ConfigurationFiles

@Suite struct KeyPositionsTests {
    private static let document = """
        # comment = 1
        title = "a"
        [hub]   # [not.this]
        "connection-string" = "x = 1"
        text = \"\"\"
        [fake]
        fake = 1 \\\"""
        "still" \"\"\"\""
        raw = '''
        fake = 2'''
        after = 1
        dotted . key . 'x y' = 3

        [sensors.living]
        pins = { sda = 3, scl = [ 1, { deep = "}" } ] }
        list = [
          1, # ] no end
          { inner = 2 },
        ]
        last = 9
        [[fruit]]
        name = "apple"
        [fruit.skin]
        color = "red"
        [[fruit]]
        name = "pear"
        [fruit.skin]
        color = "green"
        "esc\\u0061ped" = 1
        """

    @Test(
        "Every form of key has its line",
        arguments: [
            (["title"], 2), (["hub"], 3), (["hub", "connection-string"], 4), (["hub", "text"], 5),
            (["hub", "raw"], 9), (["hub", "after"], 11), (["hub", "dotted"], 12),
            (["hub", "dotted", "key", "x y"], 12),
            (["sensors"], 14), (["sensors", "living"], 14), (["sensors", "living", "pins", "scl"], 15),
            (["sensors", "living", "pins", "scl", "[1]", "deep"], 15),
            (["sensors", "living", "list", "[1]", "inner"], 18),
            (["sensors", "living", "last"], 20), (["fruit"], 21), (["fruit", "[0]", "name"], 22),
            (["fruit", "[0]", "skin", "color"], 24), (["fruit", "[1]"], 25), (["fruit", "[1]", "name"], 26),
            (["fruit", "[1]", "skin", "color"], 28), (["fruit", "[1]", "skin", "escaped"], 29),
        ])
    func line(path: [String], line: Int) {
        #expect(KeyPositions(Array(Self.document.utf8)).lines[path] == line)
    }

    @Test("Nothing inside strings and comments is taken for a key")
    func noFakes() {
        let lines = KeyPositions(Array(Self.document.utf8)).lines
        #expect(!lines.keys.contains { $0.contains("fake") || $0.contains("comment") || $0.contains("not") })
    }

    @Test("The test's document is valid, and the parser finds the same keys")
    func sameKeysAsTheParser() throws {
        let document = try TOMLDocument(Array(Self.document.utf8), file: "t")
        #expect(Set(document.positions.lines.keys) == Self.paths(.table(document.root), []))
    }

    @Test("A missing key is reported at the section around it")
    func nearest() {
        let positions = KeyPositions(Array(Self.document.utf8))
        #expect(positions.nearestLine(of: ["hub", "dps", "id-scope"]) == 3)
        #expect(positions.nearestLine(of: ["nowhere"]) == 0)
    }

    @Test("A byte order mark and CRLF ends of lines do not shift lines")
    func marksAndLineEnds() {
        let positions = KeyPositions([0xEF, 0xBB, 0xBF] + Array("a = 1\r\n[b]\r\nc = 2\r\n".utf8))
        #expect(positions.lines == [["a"]: 1, ["b"]: 2, ["b", "c"]: 3])
    }

    @Test("Generated documents: every key that was written is found at its line", arguments: 0..<20)
    func generated(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<20 { expectFound(&random) }
    }

    private func expectFound(_ random: inout SeededGenerator) {
        var writer = DocumentWriter()
        for _ in 0..<Int.random(in: 1...30, using: &random) { writer.writeStep(&random) }
        let bytes = Array(writer.text.utf8)
        let positions = KeyPositions(bytes)
        for (path, line) in writer.expected {
            #expect(positions.lines[path] == line, "\(path) in\n\(writer.text)")
        }
        #expect(throws: Never.self) { try TOMLDocument(bytes, file: "generated") }
    }

    @Test("Damaged documents end in values or errors, never in a trap", arguments: 0..<8)
    func damaged(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed) &+ 1_000)
        for _ in 0..<150 { expectNoTrap(Self.damage(&random)) }
    }

    private static func damage(_ random: inout SeededGenerator) -> [UInt8] {
        var bytes = Array(Self.document.utf8)
        let pieces: [[UInt8]] =
            ["[", "]", "{", "}", "\"", "'", "\"\"\"", "'''", "\\", "=", ".", "#", "\n", "\u{0}", "\\u", ","]
            .map { Array($0.utf8) } + [[0xFF], [0xC3], [0xEF, 0xBB, 0xBF]]
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            let at = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes.removeSubrange(at...)
            case 1 where at < bytes.count: bytes[at] = UInt8.random(in: 0...255, using: &random)
            case 2: bytes.removeSubrange(at..<min(bytes.count, at + 5))
            default: bytes.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: at)
            }
        }
        return bytes
    }

    private func expectNoTrap(_ bytes: [UInt8]) {
        let lineCount = bytes.count { $0 == UInt8(ascii: "\n") } + 1
        #expect(KeyPositions(bytes).lines.values.allSatisfy { (1...lineCount).contains($0) })
        do throws(ConfigurationErrors) {
            let document = try TOMLDocument(bytes, file: "damaged")
            let found = Self.paths(.table(document.root), [])
            #expect(
                found.subtracting(document.positions.lines.keys).isEmpty,
                "\(String(decoding: bytes, as: UTF8.self))")
        } catch {
            #expect(error.errors.count == 1)
        }
    }

    @Test(
        "Hostile shapes are refused without deep recursion",
        arguments: [
            String(repeating: "[", count: 60_000), "a = " + String(repeating: "[\n", count: 60_000),
            "a = " + String(repeating: "{a=", count: 1_000),
            "[" + String(repeating: "a.", count: 2_000) + "a]",
            String(repeating: "a.", count: 100_000) + "a = 1", "[a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q]\nx = 1",
            "a = \"" + String(repeating: "x", count: 5_000) + "\"", "a = 1\u{0}b = 2", "\"\\u0000\" = ",
            "[=]", "[[ . ]]", "[", "[[", "[\n]", "[a.]", "[#]", "[ä]",
        ])
    func hostile(text: String) {
        #expect(throws: ConfigurationErrors.self) { try TOMLDocument(Array(text.utf8), file: "hostile") }
    }

    @Test(
        "An escaped NUL is refused, because it would cut the text short",
        arguments: ["\"a\\u0000b\" = 1", "c = \"x\\U00000000y\"", "c = \"\"\"\nx\\u0000\"\"\""])
    func escapedNUL(text: String) {
        #expect {
            try TOMLDocument(Array(text.utf8), file: "t")
        } throws: { error in
            "\(error)".contains("A text holds a NUL character.")
        }
    }

    @Test(
        "What looks like an escaped NUL but is none is taken",
        arguments: ["c = 'x\\u0000'", "c = \"\\\\u0000\\u0001\""])
    func noEscapedNUL(text: String) {
        #expect(throws: Never.self) { try TOMLDocument(Array(text.utf8), file: "t") }
    }

    /// All paths of the parsed document as the scanner names them.
    private static func paths(_ node: TOMLNode, _ path: [String]) -> Set<[String]> {
        let own: Set<[String]> = path.isEmpty ? [] : [path]
        switch node {
        case .table(let table):
            return table.reduce(into: own) { $0.formUnion(paths($1.value, path + [$1.key])) }
        case .array(let elements):
            return elements.enumerated().reduce(into: own) {
                $0.formUnion(paths($1.element, path + ["[\($1.offset)]"]))
            }
        default: return own
        }
    }
}

/// Writes valid TOML and remembers where each key went.
private struct DocumentWriter {
    var text = ""
    var expected: [[String]: Int] = [:]
    private var line = 1
    private var section: [String] = []
    private var counter = 0

    mutating func writeStep(_ random: inout SeededGenerator) {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: put(["# [x] a = \"", "", "   ", "\t# '''"].randomElement(using: &random) ?? "")
        case 1:
            section = (0..<Int.random(in: 1...3, using: &random)).map { _ in name() }
            note(section)
            put("[ \(section.map(Self.quoted).joined(separator: " . ")) ] # end")
        default:
            let key = [name()] + (Bool.random(using: &random) ? [name()] : [])
            note(section + key)
            put("\(key.map(Self.quoted).joined(separator: ".")) = \(value(&random, section + key))")
        }
    }

    private mutating func value(_ random: inout SeededGenerator, _ path: [String]) -> String {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return "\"a = \\\" [b] # c\""
        case 1: return "\"\"\"\n[no]\nno = 1 \\\"\"\" \"\"\n\"\"\""
        case 2: return "'''\nno = '' 2\n'''"
        case 3: return "[ 1, # no = 1\n 2,\n]"
        case 4: return "'C:\\no'"
        case 5:
            let inner = name()
            note(path + [inner])
            return "{ \(Self.quoted(inner)) = { } }"
        case 6: return "0x48"
        default: return "-1.5e3 # \""
        }
    }

    private mutating func name() -> String {
        counter += 1
        return ["k\(counter)", "k-\(counter)", "k \(counter)", "k.\(counter)", "k\"\(counter)"][counter % 5]
    }

    private static func quoted(_ name: String) -> String {
        name.contains("\"") ? "'\(name)'" : name.contains(" ") || name.contains(".") ? "\"\(name)\"" : name
    }

    private mutating func note(_ path: [String]) {
        if expected[path] == nil { expected[path] = line }
    }

    private mutating func put(_ lines: String) {
        text += lines + "\n"
        line += lines.count { $0 == "\n" } + 1
    }
}
