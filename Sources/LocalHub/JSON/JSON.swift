// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A JSON value (RFC 8259), the only form in which documents travel through the stand-in.
///
/// Integers and other numbers are kept apart, so that `25` and `25.0` leave as they came. Written apart from the agent's
/// `StrictJSON`: were both one code, no test would see a text that only the two of them take.
public enum JSON: Sendable, Hashable {
    /// The `null` literal.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number written without fraction and exponent that fits into 64 bits.
    case integer(Int)
    /// Any other number; always finite.
    case number(Double)
    /// A text.
    case string(String)
    /// A list of values.
    case array([JSON])
    /// Members by name; their order on the wire is not kept, output is sorted by name.
    case object([String: JSON])
}

extension JSON {
    /// An object without members.
    public static var emptyObject: JSON { .object([:]) }

    /// The member of that name, or nil when this is no object or has no such member.
    public subscript(name: String) -> JSON? {
        object?[name]
    }

    /// The members, or nil when this is no object.
    public var object: [String: JSON]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// The elements, or nil when this is no array.
    public var array: [JSON]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The text, or nil when this is no string.
    public var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The integer, or nil when this is anything else.
    public var integer: Int? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The value of either kind of number, or nil when this is no number.
    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// The truth value, or nil when this is neither `true` nor `false`.
    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }
}

// Deliberately not by nil: `condition ? nil : json` in a place for `JSON?` would then mean `null`, not absence.
extension JSON: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral {
    /// Makes a truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Makes an integer.
    public init(integerLiteral value: Int) { self = .integer(value) }
}

extension JSON: ExpressibleByFloatLiteral, ExpressibleByStringLiteral {
    /// Makes a number with a fraction.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// Makes a text.
    public init(stringLiteral value: String) { self = .string(value) }
}

extension JSON: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    /// Makes a list.
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    /// Makes an object; of equal names the last one counts.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(Dictionary(elements) { $1 })
    }
}
