// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import PlugAndPlay
import StrictJSON
import Testing

@Suite("Merging and comparing reported values") struct MergePatchTests {
    private func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: text) }

    @Test(
        "Patches merge as RFC 7396, appendix A, shows",
        arguments: [
            (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
            (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
            (#"{"a":"b"}"#, #"{"a":null}"#, "{}"), (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
            (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
            (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
            (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
            (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#), (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#),
            (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#),
            (#"[1,2]"#, #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
            (#"{}"#, #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
        ])
    func merge(target: String, patch: String, result: String) throws {
        #expect(try json(target).merged(with: json(patch)) == json(result))
    }

    @Test("A difference carries only what is missing, and the component's marker")
    func difference() throws {
        let wanted = try json(#"{"serialNumber":"1","t":{"__t":"c","a":1.0,"b":2}}"#)
        #expect(wanted.difference(from: nil) == wanted)
        #expect(
            try wanted.difference(from: json(#"{"serialNumber":"1","t":{"__t":"c","a":1,"b":2},"x":1}"#))
                == nil)
        let partly = try json(#"{"serialNumber":"1","t":{"__t":"c","a":1}}"#)
        #expect(try wanted.difference(from: partly) == json(#"{"t":{"__t":"c","b":2}}"#))
    }

    @Test("What a holder has plus the difference is what was wanted")
    func differenceMerges() throws {
        let wanted = try json(#"{"a":{"__t":"c","x":{"value":1,"ac":200}},"b":"text"}"#)
        for known in ["{}", #"{"a":{"x":{"value":2}}}"#, #"{"a":3,"b":"text"}"#, #"{"b":"other","c":1}"#] {
            let held = try json(known)
            let patch = try #require(wanted.difference(from: held))
            #expect(wanted.difference(from: held.merged(with: patch)) == nil)
        }
    }
}
