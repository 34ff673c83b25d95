// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import Simulation
import Testing

@testable import StrictJSON

@Suite struct JSONValueTests {
    @Test(
        "Values are read",
        arguments: [
            ("null", JSONValue.null), ("true", .bool(true)), (" false\n", .bool(false)), ("0", .int(0)),
            ("-12", .int(-12)), ("9223372036854775807", .int(.max)),
            ("9223372036854775808", .double(9.223372036854775808e18)),
            ("5.0", .double(5)), ("1e3", .double(1000)), ("-0", .double(-0.0)), ("\"\"", .string("")),
            (#""a\"\\\/\b\f\n\r\tA""#, .string("a\"\\/\u{8}\u{C}\n\r\tA")), (#""😀""#, .string("😀")),
            ("[]", .array([])), ("[1, [2] ,{}]", .array([.int(1), .array([.int(2)]), .object([:])])),
            (#"{"a":1,"b":{"c":null}}"#, .object(["a": .int(1), "b": .object(["c": .null])])),
            (#"{"a":1,"a":2}"#, .object(["a": .int(2)])),
        ])
    func parse(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
    }

    @Test(
        "What is not JSON is refused",
        arguments: [
            "", " ", "nul", "True", "01", "+1", "1.", ".5", "1e", "-", "1 2", "[1,]", "{\"a\":1,}", "{a:1}",
            "{\"a\"}",
            "\"", "\"\u{1}\"", #""\x""#, #""\u12""#, #""\ud800""#, #""\ud800A""#, "[", "{", "[1", "NaN",
            "Infinity",
            "1e999", "// no", "'a'",
        ])
    func refuse(text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    }

    @Test("Bytes that are not UTF-8 are refused")
    func invalidUTF8() {
        #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22]) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xC3, 0x22]) }
    }

    @Test("Nesting has a limit that no stack overflow reaches")
    func depth() throws {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: JSONError.self) { try JSONValue(parsing: deep) }
        let allowed = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        _ = try JSONValue(parsing: allowed)
    }

    @Test("Text is written sorted, escaped and without white space")
    func encode() {
        let value: JSONValue = ["b": [1, 2.5, .null, true], "a": "q\"\\\n\u{1}é", "Z": .double(34)]
        #expect(value.text == #"{"Z":34.0,"a":"q\"\\\n\u0001é","b":[1,2.5,null,true]}"#)
    }

    @Test("Doubles are written with the fewest digits that read back the same")
    func doubles() throws {
        #expect(JSONValue.double(0.1).text == "0.1")
        #expect(JSONValue.double(21.5).text == "21.5")
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let number = Double(bitPattern: generator.next())
            guard number.isFinite else { continue }
            let value = JSONValue.double(number)
            #expect(try JSONValue(parsing: value.encoded()) == value)
        }
    }

    @Test("Numbers that are not finite can be told and never make invalid text")
    func notFinite() {
        #expect(!JSONValue.array([.object(["a": .double(.nan)])]).isEncodable)
        #expect(!JSONValue.double(.infinity).isEncodable)
        #expect(JSONValue.double(.nan).text == "null")
        #expect(JSONValue.double(1.5).isEncodable)
    }

    @Test("Random values survive writing and reading")
    func roundTrip() throws {
        for seed in 0..<500 {
            var generator = SeededGenerator(seed: UInt64(seed))
            let value = Self.random(depth: 4, using: &generator)
            #expect(try JSONValue(parsing: value.encoded()) == value, "seed \(seed)")
        }
    }

    @Test("Random bytes never crash the parser")
    func fuzz() throws {
        for seed in 0..<3_000 {
            var generator = SeededGenerator(seed: UInt64(seed))
            var bytes = Self.random(depth: 4, using: &generator).encoded()
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[index] = UInt8.random(in: .min ... .max, using: &generator)
            }
            if let value = try? JSONValue(parsing: bytes) {
                #expect(try JSONValue(parsing: value.encoded()) == value, "seed \(seed)")
            }
        }
    }

    @Test("Members and numbers are had without casting")
    func access() {
        var value: JSONValue = ["a": [1, 2], "n": 5.0, "s": "t"]
        #expect(value["a"]?[1] == 2)
        #expect(value["a"]?[2] == nil)
        #expect(value["n"]?.intValue == 5)
        #expect(value["n"]?.doubleValue == 5)
        #expect(value["s"]?.intValue == nil)
        #expect(JSONValue.double(5.5).intValue == nil)
        #expect(JSONValue.double(1e300).intValue == nil)
        value["x"] = .bool(true)
        #expect(value["x"]?.boolValue == true)
        value["x"] = nil as JSONValue?
        #expect(value["x"] == nil)
    }

    private static func random(depth: Int, using generator: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return .int(Int64.random(in: .min ... .max, using: &generator))
        case 3: return .double(Double.random(in: -1e6...1e6, using: &generator))
        case 4: return .string(text(using: &generator))
        case 5: return .array((0..<3).map { _ in random(depth: depth - 1, using: &generator) })
        default:
            let members = (0..<3).map { _ in
                (text(using: &generator), random(depth: depth - 1, using: &generator))
            }
            return .object(Dictionary(members) { first, _ in first })
        }
    }

    private static func text(using generator: inout SeededGenerator) -> String {
        let scalars: [Character] = ["a", "\"", "\\", "\n", "\u{0}", "\u{7F}", "é", "😀", "/", "$", " "]
        return String(
            (0..<Int.random(in: 0...6, using: &generator)).map { _ in
                scalars[Int.random(in: 0..<scalars.count, using: &generator)]
            })
    }
}
