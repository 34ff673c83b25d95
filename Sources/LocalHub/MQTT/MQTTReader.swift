// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Reads fields off the body of one packet.
struct MQTTReader {
    private var rest: ArraySlice<UInt8>

    init(_ body: ArraySlice<UInt8>) { rest = body }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() throws(MQTTError) -> UInt8 {
        guard let value = rest.popFirst() else { throw MQTTError("packet too short") }
        return value
    }

    mutating func word() throws(MQTTError) -> UInt16 {
        UInt16(try byte()) << 8 | UInt16(try byte())
    }

    /// A packet identifier; 0 is not allowed (section 2.3.1).
    mutating func identifier() throws(MQTTError) -> UInt16 {
        let value = try word()
        guard value != 0 else { throw MQTTError("packet identifier 0") }
        return value
    }

    mutating func data() throws(MQTTError) -> [UInt8] {
        let count = Int(try word())
        guard rest.count >= count else { throw MQTTError("field longer than its packet") }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    /// UTF-8 text without U+0000 (section 1.5.3).
    mutating func text() throws(MQTTError) -> String {
        let bytes = try data()
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
            throw MQTTError("text that is not UTF-8 or holds U+0000")
        }
        return text
    }

    mutating func remainder() -> [UInt8] {
        defer { rest = [] }
        return Array(rest)
    }

    func finish() throws(MQTTError) {
        guard rest.isEmpty else { throw MQTTError("\(rest.count) bytes too many in a packet") }
    }
}
