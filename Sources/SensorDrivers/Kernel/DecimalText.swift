// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A decimal number as the kernel prints it: a minus sign even for −0.x, digits, a point and fraction, one newline.
///
/// No locale takes part, and one division at the end is all the rounding that there is. Linux:
/// drivers/iio/industrialio-core.c, `__iio_format_value`.
struct DecimalText: Hashable {
    /// All digits as one whole number.
    let digits: Int
    /// How many of them stand after the point; 0…18.
    let fractionDigits: Int

    /// No number of the kernel has more digits, and so many fit into 64 bits.
    private static let mostDigits = 18

    /// Reads the whole content of an attribute; `nil` where it is not exactly one number and a newline.
    init?(_ text: [UInt8]) {
        var rest = text[...]
        guard rest.popLast() == UInt8(ascii: "\n") else { return nil }
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest = rest.dropFirst() }
        let parts = rest.split(
            separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard rest.count <= Self.mostDigits + parts.count - 1,
            parts.allSatisfy({ part in
                !part.isEmpty && part.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            })
        else { return nil }
        let magnitude = parts.joined().reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        digits = isNegative ? -magnitude : magnitude
        fractionDigits = parts.count == 2 ? parts[1].count : 0
    }

    /// Whether it was printed without a point.
    var isWhole: Bool { fractionDigits == 0 }

    /// The number times 10 to the power of `exponent`, −3…3.
    func value(timesTenToThe exponent: Int = 0) -> Double {
        let shift = fractionDigits - exponent
        return shift >= 0
            ? Double(digits) / Self.powerOfTen(shift) : Double(digits) * Self.powerOfTen(-shift)
    }

    /// Exact up to 10²².
    private static func powerOfTen(_ exponent: Int) -> Double {
        (0..<exponent).reduce(1) { power, _ in power * 10 }
    }
}
