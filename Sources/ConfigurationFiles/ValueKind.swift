// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Secrets

/// What a key takes: the type, the range and the texts about both.
enum ValueKind: Sendable {
    /// Printable text of 1…`longest` characters.
    case text(longest: Int)
    /// A key, token or connection string of any non-empty text.
    case secret
    /// A base64 key.
    case secretKey
    /// A file or folder; relative ones are taken from the configuration file's folder.
    case path
    /// One of the words.
    case word([String])
    /// A span of time inside the range; `whole` allows whole seconds only.
    case duration(ClosedRange<Duration>, whole: Bool)
    /// A number inside the range, in `unit`.
    case number(ClosedRange<Double>, unit: String)
    /// A whole number inside the range.
    case count(ClosedRange<Int>)
    /// True or false.
    case boolean
    /// An absolute path and arguments.
    case words
    /// A 7-bit address, 0x08…0x77.
    case address
    /// A 1-Wire id.
    case oneWireID
    /// A channel of a kernel device.
    case channel
    /// A bus name of the board, or a place.
    case bus
    /// A line name of the board, or a place.
    case line
    /// A host name with optional port.
    case endpoint
    /// A SOCKS5 proxy as a URL, without user and password.
    case proxy
    /// A registration id of the provisioning service.
    case registrationID
    /// A name of `[a-z0-9]+`, in board names with dashes.
    case name(dashes: Bool)

    var isSecret: Bool {
        switch self {
        case .secret, .secretKey: true
        default: false
        }
    }
}

/// A value of the right type and inside its range.
enum CheckedValue: Sendable {
    case text(String)
    case secret(Secret)
    case duration(Duration)
    case number(Double)
    case count(Int)
    case boolean(Bool)
    case words([String])
    case address(UInt8)
    case bus(BusReference)
    case line(LineReference)
    case endpoint(HostAndPort)

    /// The value as people may see it.
    var shown: String {
        switch self {
        case .text(let text): printable(text, limit: 200)
        case .secret(let secret): secret.description
        case .duration(let duration): DurationText.text(duration)
        case .number(let number): shortest(number)
        case .count(let count): String(count)
        case .boolean(let boolean): String(boolean)
        case .words(let words): printable(words.joined(separator: " "), limit: 200)
        case .address(let address): hexadecimal(address)
        case .bus(let bus): printable(bus.description, limit: 200)
        case .line(let line): printable(line.description, limit: 200)
        case .endpoint(let endpoint): printable(endpoint.description, limit: 200)
        }
    }
}

/// Why a value was refused.
struct Refusal: Error {
    var kind: ConfigurationError.Kind
    var problem: String
    var advice = ""
}

func shortest(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : String(number)
}

func hexadecimal(_ address: UInt8) -> String {
    let digits = String(address, radix: 16)
    return "0x\(digits.count < 2 ? "0" : "")\(digits)"
}
