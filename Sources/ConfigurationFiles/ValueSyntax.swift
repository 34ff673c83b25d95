// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Base64 with padding, RFC 4648 section 4.
enum Base64 {
    /// Whether `text` is at least one byte in base64.
    static func isValid(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.count.isMultiple(of: 4) else { return false }
        let padding = bytes.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        return padding <= 2
            && bytes.dropLast(padding).allSatisfy {
                switch $0 {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                    true
                default: false
                }
            }
    }
}

/// Ids of 1-Wire slaves as the kernel writes them.
enum OneWireID {
    /// Thermometer families that the kernel's driver serves.
    private static let families: Set<Substring> = ["10", "22", "28", "3b", "42"]

    /// Whether `text` is a family code, a dash and twelve lower-case hexadecimal digits.
    static func isValid(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, families.contains(parts[0]), parts[1].utf8.count == 12 else { return false }
        return parts[1].utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

/// Channels of hwmon and IIO devices, as the names of their attributes have them.
enum KernelChannel {
    /// Whether `text` is a word of lower-case letters, digits and `_` that begins with a letter.
    static func isValid(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count) && text.first?.isLetter == true
            && text.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_")
            }
    }

    /// Whether hwmon can have a channel of that name: temperature or humidity with a number.
    static func isHwmon(_ text: String) -> Bool {
        ["temp", "humidity"].contains { word in
            guard text.hasPrefix(word) else { return false }
            let number = text.dropFirst(word.count)
            return (1...4).contains(number.utf8.count)
                && number.utf8.allSatisfy { (0x30...0x39).contains($0) }
        }
    }

    /// Whether IIO can have a channel of that name: a quantity alone, with a number or with a word.
    static func isIIO(_ text: String) -> Bool {
        ["temp", "humidityrelative", "pressure"].contains { word in
            guard text.hasPrefix(word) else { return false }
            let rest = text.utf8.dropFirst(word.utf8.count)
            return rest.first.map { $0 == UInt8(ascii: "_") || (0x30...0x39).contains($0) } ?? true
        }
    }
}

extension BusReference {
    /// Reads the text of a `bus` key; `nil` where it has none of the forms.
    init?(_ text: String) {
        if let location = I2CBusLocation(text) {
            self = .location(location)
        } else if ValueKind.isName(text, dashes: true) {
            self = .board(text)
        } else {
            return nil
        }
    }
}

extension I2CBusLocation {
    private static let device = "/dev/i2c-"

    /// Reads `adapter:NAME`, `adapter-prefix:TEXT`, `controller:NAME` or `/dev/i2c-N`; `nil` where it is none of them.
    init?(_ text: String) {
        func rest(after prefix: String) -> String? {
            guard text.hasPrefix(prefix), text.count > prefix.count else { return nil }
            return String(text.dropFirst(prefix.count))
        }
        guard text.utf8.count <= 200, text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else { return nil }
        if let name = rest(after: "adapter:") {
            self = .adapter(name)
        } else if let prefix = rest(after: "adapter-prefix:") {
            self = .adapterPrefix(prefix)
        } else if let name = rest(after: "controller:") {
            self = .controller(name)
        } else if let number = rest(after: Self.device), number.utf8.count <= 4,
            number.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        {
            self = .deviceFile(text)
        } else {
            return nil
        }
    }
}

extension HostAndPort {
    /// Reads `host`, `host:port`, `[address]` or `[address]:port`; `nil` where it is none of them.
    package init?(_ text: String) {
        let host: Substring
        let rest: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            rest = text[text.index(after: end)...]
            guard !host.isEmpty, host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else {
                return nil
            }
        } else {
            host = text.prefix { $0 != ":" }
            rest = text[host.endIndex...]
            guard Self.isHostName(host) else { return nil }
        }
        guard !rest.isEmpty else {
            self.init(host: String(host))
            return
        }
        guard rest.first == ":", rest.dropFirst().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(rest.dropFirst()), (1...65_535).contains(port)
        else { return nil }
        self.init(host: String(host), port: port)
    }

    /// RFC 1123 section 2.1: labels of letters, digits and inner dashes, 253 characters in all.
    private static func isHostName(_ text: Substring) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        }
    }
}
