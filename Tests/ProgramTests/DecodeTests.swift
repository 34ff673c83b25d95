// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Testing

@Suite("sensor-agent decode", .timeLimit(.minutes(10)))
struct DecodeTests {
    private static let vectors = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../SensorDriversTests/Vectors").standardized

    private func decode(_ arguments: [String]) async throws -> (status: Int32, lines: [String]) {
        let agent = try AgentProcess(["decode"] + arguments, environment: [:])
        agent.endInput()
        let status = await agent.ended()
        // The pipe may hold words after the process has gone.
        while await agent.line(with: "\u{0}") != nil {}
        return (status, agent.output.split(separator: "\n").map(String.init))
    }

    /// Every file of vectors that the tests of the drivers have; those without a driver here are not decodable.
    private static let files: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: vectors.path)) ?? []
        return names.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
    }()

    @Test("Every file of vectors goes through its driver without a mismatch", arguments: files)
    func allMatch(name: String) async throws {
        let (status, lines) = try await decode([name, Self.vectors.path + "/\(name).json"])
        guard !["crc", "identify"].contains(name) else {
            #expect(status == 64)
            #expect(lines.joined().contains("no kind that can be decoded"), "\(lines)")
            return
        }
        #expect(status == 0, "\(lines.suffix(3))")
        let count = try #require(Int(lines.last?.prefix { $0.isNumber } ?? ""))
        #expect(lines.last == "\(count) vectors, 0 mismatches")
        #expect(lines.count == count + 1 && count > 0)
        for line in lines.dropLast() {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            #expect(object?["match"] as? Bool == true)
            #expect((object?["id"] as? String)?.isEmpty == false)
        }
    }

    @Test("A file of vectors may be larger than any configuration") func large() async throws {
        let folder = try TemporaryFolder()
        let text = try String(contentsOf: Self.vectors.appending(path: "tmp117.json"), encoding: .utf8)
        let file = try folder.write(text + String(repeating: " ", count: 2 << 20), to: "large.json")
        let (status, lines) = try await decode(["tmp117", file])
        #expect(status == 0)
        #expect(lines.last == "67 vectors, 0 mismatches")
    }

    @Test("A wrong expectation is a mismatch with what differs, and ends with 1") func mismatch() async throws
    {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            """
            {"schema": "sensor-vectors/1", "chip": "tmp102", "count": 3, "vectors": [
              {"id": "right", "input": {"registers": {"0x00": "1900", "0x01": "60a0"}},
               "expect": {"status": "ok", "readings": {"temperature_c": {"value": 25, "tol": 0.01}}}},
              {"id": "wrong", "input": {"registers": {"0x00": "1900", "0x01": "60a0"}},
               "expect": {"status": "ok", "readings": {"temperature_c": {"value": 26, "tol": 0.01}}}},
              {"id": "bad", "input": {"registers": {"0x00": "ffff", "0x01": "60a0"}}, "expect": {"status": "ok"}}
            ]}
            """, to: "vectors.json")
        let (status, lines) = try await decode(["tmp112", file])
        #expect(status == 1)
        #expect(lines.count == 4)
        #expect(
            lines.first
                == #"{"flags":[],"id":"right","match":true,"readings":{"temperature_c":25.0},"status":"ok"}"#)
        #expect(
            lines[1]
                == #"{"differences":["temperature_c is 25.0, not 26.0"],"flags":[],"id":"wrong","match":false,"readings":{"temperature_c":25.0},"status":"ok"}"#
        )
        #expect(lines[2].contains(#""error":"#) && lines[2].contains(#""match":false"#), "\(lines[2])")
        #expect(lines.last == "3 vectors, 2 mismatches")
    }

    @Test(
        "What cannot be used ends with 64 and says why",
        arguments: [
            (["tmp102"], "file.json"), (["tmp102", "/no/such/file"], "there is no such file"),
            (["tmp102", "/dev/null"], "not valid JSON"),
            (["nix", Self.vectors.path + "/ds18b20.json"], "There is no driver \"nix\""),
            (["ds18b20", Self.vectors.path + "/tmp102.json"], "does not take this kind of input"),
        ])
    func unusable(arguments: [String], reason: String) async throws {
        let (status, lines) = try await decode(arguments)
        #expect(status == 64)
        #expect(lines.joined(separator: "\n").contains(reason), "\(lines)")
    }
}
