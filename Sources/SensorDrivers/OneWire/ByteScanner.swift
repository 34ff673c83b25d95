// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Walks over the ASCII text of a sysfs attribute; never looks beyond its end.
struct ByteScanner {
    private var rest: ArraySlice<UInt8>

    /// Begins at the first byte of `bytes`.
    init(_ bytes: [UInt8]) { rest = bytes[...] }

    /// Whether nothing is left.
    var isAtEnd: Bool { rest.isEmpty }

    /// Passes over exactly `text`; returns whether it was there.
    mutating func skip(_ text: StaticString) -> Bool {
        let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard rest.starts(with: wanted) else { return false }
        rest = rest.dropFirst(wanted.count)
        return true
    }

    /// Two lower-case hex digits.
    mutating func hexByte() -> UInt8? {
        guard rest.count >= 2, let high = Self.digit(rest[rest.startIndex]),
            let low = Self.digit(rest[rest.startIndex + 1])
        else { return nil }
        rest = rest.dropFirst(2)
        return high << 4 | low
    }

    /// `count` hex bytes, each with one space after it.
    mutating func hexBytes(_ count: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        for _ in 0..<count {
            guard let byte = hexByte(), skip(" ") else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    /// `YES` or `NO`.
    mutating func yesOrNo() -> Bool? {
        if skip("YES") { return true }
        return skip("NO") ? false : nil
    }

    /// A decimal integer of at most 18 digits, which fit into 64 bits, with a minus sign where it is negative.
    mutating func integer() -> Int? {
        let isNegative = skip("-")
        let digits = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        guard 1...18 ~= digits.count else { return nil }
        rest = rest.dropFirst(digits.count)
        let magnitude = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return isNegative ? -magnitude : magnitude
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
