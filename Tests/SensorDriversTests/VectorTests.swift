// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import SensorVectors
import StrictJSON
import Testing

@testable import SensorDrivers

@Suite("Vectors")
struct VectorTests {
    /// The files of vectors that go through a driver; the chip is what each file says.
    static let files = [
        "tmp102", "tmp112", "ds18b20", "w1_attributes",
        "sht3x", "sht4x", "si7021", "aht20", "hdc1080", "hdc2080",
        "tmp117", "lm75", "mcp9808", "adt7410",
        "bme280", "bmp280", "bmp180",
        "hwmon", "iio", "thermal_zone",
    ]

    @Test(
        "every vector gives exactly the status, error, flags and readings that it asks for", arguments: files)
    func everyVectorPasses(name: String) throws {
        let file = try Self.load(name)
        #expect(!file.vectors.isEmpty)
        for vector in file.vectors {
            let outcome = try VectorDecoder.outcome(of: vector, chip: file.chip)
            #expect(outcome.mismatches(with: vector.expected) == [], "\(vector.id) \(vector.class)")
        }
    }

    @Test("the comparison sees a wrong reading, a wrong error, a missing flag and a wrong advice")
    func comparisonCanFail() throws {
        let vectors = try Self.load("tmp102").vectors
        let good = try #require(vectors.first { $0.class == "random_normal" })
        var outcome = try VectorDecoder.outcome(of: good, chip: "tmp102")
        outcome.readings["temperature_c", default: 0] += 0.0625
        #expect(outcome.mismatches(with: good.expected).count == 1)

        let saturated = try #require(vectors.first { $0.expected.status == "suspect" })
        var flagless = try VectorDecoder.outcome(of: saturated, chip: "tmp102")
        flagless.flags = []
        flagless.isRetryable = true
        #expect(flagless.mismatches(with: saturated.expected).count == 2)

        let bad = try #require(vectors.first { $0.class == "wrong_identity" })
        var other = try VectorDecoder.outcome(of: bad, chip: "tmp102")
        other.error = "crc_mismatch"
        #expect(other.mismatches(with: bad.expected).count == 1)
    }

    @Test("a register that is recorded too short is a short read, wherever the driver needs it")
    func shortRegister() throws {
        let file = try VectorFile(
            JSONValue(
                parsing: """
                    {"schema": "sensor-vectors/1", "chip": "tmp117", "vectors": [{"id": "1",
                     "input": {"registers": {"0x0F": "0117", "0x01": "22", "0x00": "0c80"}},
                     "expect": {"status": "error", "error": "short_read", "retryable": true}}]}
                    """))
        let vector = try #require(file.vectors.first)
        let outcome = try VectorDecoder.outcome(of: vector, chip: file.chip)
        #expect(outcome.mismatches(with: vector.expected) == [])
    }

    @Test(
        "every error number that C names can be in a vector",
        arguments: [
            ("ENOMEM", "io_error"), ("ESTALE", "io_error"), ("ENOTSUP", "io_error"),
            ("ESHUTDOWN", "io_error"),
        ])
    func errorNumbers(name: String, kind: String) throws {
        let file = try VectorFile(
            JSONValue(
                parsing: """
                    {"schema": "sensor-vectors/1", "chip": "hwmon", "vectors": [{"id": "1",
                     "input": {"files": {"temp1_input": {"errno": "\(name)"}}},
                     "expect": {"status": "error", "error": "\(kind)", "retryable": true}}]}
                    """))
        let vector = try #require(file.vectors.first)
        let outcome = try VectorDecoder.outcome(of: vector, chip: file.chip)
        #expect(outcome.mismatches(with: vector.expected) == [])
    }

    @Test("every checksum vector")
    func checksums() throws {
        let vectors = try #require(try Self.json("crc")["vectors"]?.arrayValue)
        #expect(vectors.count == 61)
        for vector in vectors {
            let input = try #require(vector["input"])
            let data = try #require(input["data"]?.stringValue.map(Self.bytes))
            let expected = try #require(vector["expect"]?["crc"]?.stringValue)
            let crc =
                switch input["algorithm"]?.stringValue {
                case "sensirion": CRC8.sensirion(data)
                case "si": CRC8.si(data)
                default: CRC8.maxim(data)
                }
            #expect(hex(crc) == expected.lowercased())
        }
    }

    private static func load(_ name: String) throws -> VectorFile { try VectorFile(json(name)) }

    static func json(_ name: String) throws -> JSONValue {
        let url = try #require(
            Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Vectors"))
        return try JSONValue(parsing: String(decoding: Data(contentsOf: url), as: UTF8.self))
    }

    static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex)
        return stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(digits[$0...$0 + 1]), radix: 16)
        }
    }
}
