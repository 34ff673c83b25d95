// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Testing

/// One file of vectors; the format is described beside the files.
struct VectorFile: Decodable {
    var schema: String
    var chip: String
    var inputKind: String
    var count: Int
    var vectors: [Vector]

    enum CodingKeys: String, CodingKey {
        case schema, chip, count, vectors
        case inputKind = "input_kind"
    }

    /// The file called `name`, from the bundle of this test target.
    static func load(_ name: String) throws -> VectorFile {
        let url = try #require(
            Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Vectors"))
        return try JSONDecoder().decode(VectorFile.self, from: Data(contentsOf: url))
    }
}

/// One input and its required outcome.
struct Vector: Decodable, CustomTestStringConvertible, Sendable {
    struct Input: Decodable, Sendable {
        var registers: [String: String]?
        var frame: String?
        var quantity: String?
        var family: String?
        var attribute: String?
        var text: String?
        var errno: String?
        var files: [String: Content]?
    }

    /// The content of a file, or the error that reading it gives.
    enum Content: Decodable, Sendable {
        case text(String)
        case errno(String)

        init(from decoder: any Decoder) throws {
            if let text = try? decoder.singleValueContainer().decode(String.self) {
                self = .text(text)
            } else {
                let failure = try decoder.singleValueContainer().decode([String: String].self)
                self = .errno(try #require(failure["errno"]))
            }
        }
    }

    struct Value: Decodable, Sendable {
        var value: Double
        var tol: Double
    }

    struct Expectation: Decodable, Sendable {
        var status: String
        var reason: String?
        var readings: [String: Value]?
        var quantityErrors: [String: String]?
        var optionalReadings: [String: Value]?
        var error: String?
        var alsoAccept: [String]?
        var retryable: Bool?
        var flags: [String]?

        enum CodingKeys: String, CodingKey {
            case status, reason, readings, error, retryable, flags
            case quantityErrors = "quantity_errors"
            case optionalReadings = "optional_readings"
            case alsoAccept = "also_accept"
        }
    }

    var id: String
    var `class`: String
    var input: Input
    var expect: Expectation

    var testDescription: String { "\(id) \(self.class)" }
}
