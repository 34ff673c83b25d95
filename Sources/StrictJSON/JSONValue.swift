// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// One JSON value (RFC 8259) with integers and doubles kept apart.
package enum JSONValue: Sendable, Hashable {
    /// The literal `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number written without fraction and exponent that fits 64 bits.
    case int(Int64)
    /// Any other number; a value that is not finite cannot be encoded, see ``isEncodable``.
    case double(Double)
    /// Text.
    case string(String)
    /// An ordered list.
    case array([JSONValue])
    /// Members by name; the last one wins where a text repeats a name.
    case object([String: JSONValue])
}

extension JSONValue {
    /// The member `name` of an object; `nil` for every other kind of value.
    ///
    /// Setting on a value that is no object makes it one.
    package subscript(name: String) -> JSONValue? {
        get { objectValue?[name] }
        set {
            var members = objectValue ?? [:]
            members[name] = newValue
            self = .object(members)
        }
    }

    /// The element at `index` of an array; `nil` outside of it and for every other kind of value.
    package subscript(index: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// The members of an object, else `nil`.
    package var objectValue: [String: JSONValue]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// The elements of an array, else `nil`.
    package var arrayValue: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The text of a string, else `nil`.
    package var stringValue: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The truth value of a bool, else `nil`.
    package var boolValue: Bool? {
        if case .bool(let flag) = self { flag } else { nil }
    }

    /// The value of a whole number, also of one written like `5.0`; `nil` for all else.
    package var intValue: Int64? {
        switch self {
        case .int(let number): number
        case .double(let number): Int64(exactly: number)
        default: nil
        }
    }

    /// The value of any number, else `nil`; integers beyond 2^53 are rounded.
    package var doubleValue: Double? {
        switch self {
        case .int(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }

    /// Whether the value is `null`.
    package var isNull: Bool { self == .null }

    /// The kind of value with its article, as error texts name it.
    package var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .int, .double: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

// Not by `nil`: where an optional is expected, that would silently become `null`.
extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral
{
    /// Makes an object; the last of equal names wins.
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements) { _, last in last })
    }
    /// Makes an array.
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// Makes a string.
    package init(stringLiteral value: String) { self = .string(value) }
    /// Makes an integer.
    package init(integerLiteral value: Int64) { self = .int(value) }
    /// Makes a double.
    package init(floatLiteral value: Double) { self = .double(value) }
    /// Makes a bool.
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}
