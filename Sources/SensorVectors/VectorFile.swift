// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
package import StrictJSON

/// A file of sensor vectors: `"schema": "sensor-vectors/1"`.
package struct VectorFile: Sendable {
    /// The chip or source that the vectors are for.
    package var chip: String
    /// The vectors, in the order of the file.
    package var vectors: [SensorVector]

    /// Reads a file's JSON; throws what is wrong with it and where.
    package init(_ json: JSONValue) throws(VectorFileError) {
        guard json["schema"]?.stringValue == "sensor-vectors/1" else {
            throw VectorFileError("its \"schema\" is not \"sensor-vectors/1\"")
        }
        guard let chip = json["chip"]?.stringValue, let vectors = json["vectors"]?.arrayValue else {
            throw VectorFileError("it lacks \"chip\" or \"vectors\"")
        }
        self.chip = chip
        self.vectors = []
        for (index, vector) in vectors.enumerated() {
            let id = vector["id"]?.stringValue ?? "number \(index + 1)"
            do throws(VectorFileError) {
                self.vectors.append(try SensorVector(vector, id: id))
            } catch {
                throw VectorFileError("vector \(id): \(error.problem)")
            }
        }
        if let count = json["count"]?.intValue, count != Int64(self.vectors.count) {
            throw VectorFileError("it says that it has \(count) vectors, but has \(self.vectors.count)")
        }
    }
}

/// Why a file of vectors cannot be used.
package struct VectorFileError: Error, Sendable, CustomStringConvertible {
    var problem: String

    init(_ problem: String) { self.problem = problem }

    /// The text that people read.
    package var description: String { "it is no file of sensor vectors: \(problem)" }
}

extension SensorVector {
    fileprivate init(_ json: JSONValue, id: String) throws(VectorFileError) {
        guard let input = json["input"], let expectation = json["expect"] else {
            throw VectorFileError("\"input\" or \"expect\" is missing")
        }
        self.id = id
        self.class = json["class"]?.stringValue ?? ""
        self.input = try Input(input)
        self.expected = try Expectation(expectation)
    }
}

extension SensorVector.Input {
    fileprivate init(_ json: JSONValue) throws(VectorFileError) {
        if let registers = json["registers"]?.objectValue {
            var blocks: [UInt8: [UInt8]] = [:]
            for (address, content) in registers {
                guard address.hasPrefix("0x"), let start = UInt8(address.dropFirst(2), radix: 16) else {
                    throw VectorFileError("\"\(address)\" is no register address")
                }
                blocks[start] = try bytes(content, of: address)
            }
            self = .registers(blocks, part: try SensorVector.PartHints(json))
        } else if let frame = json["frame"] {
            self = .frame(try bytes(frame, of: "frame"), part: try SensorVector.PartHints(json))
        } else if let files = json["files"]?.objectValue {
            var contents: [String: SensorVector.FileContent] = [:]
            for (name, content) in files { contents[name] = try SensorVector.FileContent(content) }
            self = .directory(contents)
        } else if let family = json["family"]?.stringValue, let attribute = json["attribute"]?.stringValue {
            let content = try SensorVector.FileContent(json["text"] ?? json)
            self = .oneWire(family: family, attribute: attribute, content: content)
        } else {
            throw VectorFileError("its input is of no kind that can be decoded")
        }
    }
}

extension SensorVector.PartHints {
    fileprivate init(_ json: JSONValue) throws(VectorFileError) {
        resolutionBits = json["resolution_bits"]?.intValue.map(Int.init(clamping:))
        oversampling = json["oss"]?.intValue.map(Int.init(clamping:))
        temperatureOffset = json["temperature_offset"]?.doubleValue
        quantity = json["quantity"]?.stringValue
        if let result = json["temperature_out"] {
            temperatureResult = try bytes(result, of: "temperature_out")
        }
        if let result = json["pressure_out"] { pressureResult = try bytes(result, of: "pressure_out") }
    }
}

extension SensorVector.FileContent {
    fileprivate init(_ json: JSONValue) throws(VectorFileError) {
        if let text = json.stringValue {
            self = .bytes(Array(text.utf8))
            return
        }
        guard let name = json["errno"]?.stringValue else {
            throw VectorFileError("a file needs its text or an \"errno\"")
        }
        guard let number = ErrorNumber.named(name) else {
            throw VectorFileError("\"\(name)\" is no error number that is known here")
        }
        self = .failure(linuxErrno: number)
    }
}

extension SensorVector.Expectation {
    fileprivate init(_ json: JSONValue) throws(VectorFileError) {
        guard let status = json["status"]?.stringValue, ["ok", "suspect", "error"].contains(status) else {
            throw VectorFileError("\"status\" must be ok, suspect or error")
        }
        self.status = status
        reason = json["reason"]?.stringValue
        readings = try Self.values(json["readings"])
        optionalReadings = try Self.values(json["optional_readings"])
        quantityErrors = (json["quantity_errors"]?.objectValue ?? [:]).compactMapValues(\.stringValue)
        error = json["error"]?.stringValue
        alsoAccept = (json["also_accept"]?.arrayValue ?? []).compactMap(\.stringValue)
        isRetryable = json["retryable"]?.boolValue
        flags = Set((json["flags"]?.arrayValue ?? []).compactMap(\.stringValue))
    }

    private static func values(_ json: JSONValue?) throws(VectorFileError) -> [String: SensorVector.Value] {
        var values: [String: SensorVector.Value] = [:]
        for (name, entry) in json?.objectValue ?? [:] {
            guard let value = entry["value"]?.doubleValue, let tolerance = entry["tol"]?.doubleValue else {
                throw VectorFileError("the reading \(name) needs \"value\" and \"tol\"")
            }
            values[name] = SensorVector.Value(value: value, tolerance: tolerance)
        }
        return values
    }
}

/// The bytes of a text in hex.
private func bytes(_ json: JSONValue, of name: String) throws(VectorFileError) -> [UInt8] {
    guard let digits = json.stringValue.map({ Array($0.utf8) }), digits.count.isMultiple(of: 2) else {
        throw VectorFileError("\(name) is no text of hex digits in pairs")
    }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
        let pair = String(decoding: digits[index...index + 1], as: UTF8.self)
        guard let byte = UInt8(pair, radix: 16) else {
            throw VectorFileError("\(name) is no text of hex digits in pairs")
        }
        bytes.append(byte)
    }
    return bytes
}
