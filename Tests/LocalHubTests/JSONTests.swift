// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import LocalHub
import Testing

@Suite("JSON values") struct JSONTests {
    @Test(
        "A text leaves as it came",
        arguments: [
            "null", "true", "-0.5", "25", "25.0", "\"a\\n\\\"\\\\b\"", "[1,[2,{}],\"\"]",
            "{\"a\":{\"b\":null},\"c\":[false]}", "\"\\u0001\"", "\"grün 🌡\"", "1e+300",
        ])
    func roundTrip(text: String) throws {
        #expect(try JSON(parsing: text).text == text)
    }

    @Test("Escapes are decoded, surrogate pairs too")
    func escapes() throws {
        #expect(try JSON(parsing: #""\u0041\ud83c\udf21\/\t""#) == .string("A🌡/\t"))
    }

    @Test(
        "What is not JSON is refused",
        arguments: [
            "", " ", "nul", "{", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "01", "1.", ".5", "+1", "1e",
            "NaN",
            "\"\\x\"", "\"abc", "\"\u{01}\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\u12g4\"", "1 2",
            "1e999",
            "{\"a\":1,\"a\":2}", String(repeating: "[", count: 100_000),
        ])
    func refused(text: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: text) }
    }

    @Test("Invalid UTF-8 in a text is refused")
    func invalidUTF8() {
        #expect(throws: JSONError.self) { try JSON(parsing: [0x22, 0xFF, 0x22]) }
    }
}
