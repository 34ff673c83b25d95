// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Testing

@testable import LocalHub

@Suite("Twin rules") struct TwinRulesTests {
    @Test(
        "A merge patch changes as RFC 7396 says",
        arguments: [
            // The test cases of RFC 7396 appendix A that concern objects.
            ("{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"),
            ("{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}"),
            ("{\"a\":\"b\"}", "{\"a\":null}", "{}"),
            ("{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}"),
            ("{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"),
            ("{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}"),
            ("{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}"),
            ("{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}"),
            ("{\"e\":null}", "{\"a\":1}", "{\"a\":1,\"e\":null}"),
            ("{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}"),
        ])
    func merge(target: String, patch: String, result: String) throws {
        #expect(try TwinRules.merged(JSON(parsing: target), JSON(parsing: patch)).text == result)
    }

    @Test(
        "Patches that break a rule are refused",
        arguments: [
            "[]", "1", "{\"$version\":1}", "{\"a.b\":1}", "{\"a b\":1}", "{\"\":1}", "{\"a\":{\"$x\":1}}",
            "{\"a\":[1,null]}", "{\"a\\u0085\":1}", "{\"a\":4503599627370496}", "{\"a\":-4503599627370497}",
            "{\"a\":\"" + String(repeating: "x", count: 4097) + "\"}",
            "{\"" + String(repeating: "k", count: 1025) + "\":1}",
            String(repeating: "{\"a\":", count: 11) + "{}" + String(repeating: "}", count: 11),
        ])
    func refused(patch: String) throws {
        let patch = try JSON(parsing: patch)
        #expect { try TwinRules.check(patch) } throws: { ($0 as? HubFailure)?.code == 400_004 }
    }

    @Test(
        "Patches at the limits pass",
        arguments: [
            "{}", "{\"a\":null}", "{\"ü\":4503599627370495,\"b\":-4503599627370496}", "{\"_x-1\":[[],{}]}",
            "{\"a\":\"" + String(repeating: "x", count: 4096) + "\"}",
            String(repeating: "{\"a\":", count: 10) + "{}" + String(repeating: "}", count: 10),
        ])
    func accepted(patch: String) throws {
        try TwinRules.check(try JSON(parsing: patch))
    }

    @Test("Size counts keys and texts in UTF-8, numbers 8, truth values 4")
    func size() {
        #expect(TwinRules.size(of: ["ü": 1, "ab": ["x", true, .null]]) == 2 + 8 + 2 + 1 + 4)
    }

    @Test("Versions and times follow each change, and times of removed members go")
    func metadata() throws {
        let start = Date(timeIntervalSince1970: 0)
        var section = TwinSection(at: start)
        section.merge(["a": ["b": 1, "c": 2], "d": 3], at: Date(timeIntervalSince1970: 1))
        section.merge(["a": ["b": 5], "d": .null], at: Date(timeIntervalSince1970: 2))
        #expect(section.version == 3)
        #expect(section.deviceDocument == ["a": ["b": 5, "c": 2], "$version": 3])
        #expect(section.metadata["$lastUpdated"] == "1970-01-01T00:00:02.000Z")
        #expect(section.metadata["a"]?["b"]?["$lastUpdated"] == "1970-01-01T00:00:02.000Z")
        #expect(section.metadata["a"]?["c"]?["$lastUpdated"] == "1970-01-01T00:00:01.000Z")
        #expect(section.metadata["d"] == nil)
    }
}
