// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Secrets

extension ValueKind {
    /// What is expected, for "Expected …": the type, the forms and the range.
    var expected: String {
        switch self {
        case .text(let longest): "a text of 1 to \(longest) printable characters"
        case .secret: "a text that is not empty"
        case .secretKey: "a key in base64"
        case .path: "the path of a file or folder"
        case .word(let words): words.map { "\"\($0)\"" }.joined(separator: " or ")
        case .duration: "\(expectedBriefly): \(DurationText.forms)"
        case .number(let range, let unit):
            "a number from \(shortest(range.lowerBound)) to \(shortest(range.upperBound)) \(unit)"
        case .count(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .boolean: "true or false"
        case .words: "a list of texts that begins with an absolute path; in a variable, words"
        case .address: "a 7-bit address from 0x08 to 0x77, for example 0x48"
        case .oneWireID: "a 1-Wire id such as \"28-0316a279fcff\""
        case .channel: "a channel such as \"temp2\", \"humidity1\" or \"temp_ambient\""
        case .bus:
            "a bus name of the board file such as \"header\", \"adapter:NAME\", \"adapter-prefix:TEXT\", "
                + "\"controller:NAME\" or \"/dev/i2c-N\""
        case .line:
            "a line of the board file such as \"pin-11\", or \"CHIP:NAME\" or \"CHIP:OFFSET\" by the chip's label"
        case .endpoint: "a host name with optional port, for example \"host.example:8883\""
        case .proxy: "a SOCKS5 proxy such as \"socks5h://proxy.example:1080\""
        case .registrationID:
            "1 to 128 letters, digits and - . _ : with a letter or digit at both ends"
        case .name(let dashes): "a name of lower-case letters\(dashes ? ", dashes" : "") and digits"
        }
    }

    /// What is expected, for tables: without the forms of a duration.
    var expectedBriefly: String {
        guard case .duration(let range, let whole) = self else { return expected }
        let bounds = "\(DurationText.text(range.lowerBound)) to \(DurationText.text(range.upperBound))"
        return "a duration from \(bounds)\(whole ? " in whole seconds" : "")"
    }

    /// Checks a value of a file.
    func check(_ node: TOMLNode) throws(Refusal) -> CheckedValue {
        switch (self, node) {
        case (.duration, .integer(let seconds)):
            guard seconds >= 0, let duration = DurationText.parse(String(seconds)) else {
                throw outside(String(seconds))
            }
            return try checked(duration, found: String(seconds))
        case (.number, .integer(let number)): return try checked(Double(number), found: String(number))
        case (.number, .float(let number)): return try checked(number, found: "\(number)")
        case (.address, .integer(let number)): return try checked(address: number, found: String(number))
        case (.count, .integer(let count)): return try checked(count: count, found: String(count))
        case (.boolean, .boolean(let boolean)): return .boolean(boolean)
        case (.words, .array(let nodes)):
            let words = nodes.compactMap { if case .string(let word) = $0 { word } else { nil } }
            guard words.count == nodes.count else { throw wrongType(node) }
            return try checked(words: words)
        case (.words, .string): throw wrongType(node)
        case (.number, .string), (.address, .string), (.count, .string), (.boolean, .string):
            throw wrongType(node)
        case (_, .string(let text)): return try check(text)
        default: throw wrongType(node)
        }
    }

    /// Checks a value of the environment or a flag, and every text of a file.
    func check(_ text: String) throws(Refusal) -> CheckedValue {
        switch self {
        case .duration:
            guard let duration = DurationText.parse(text) else { throw malformed(text) }
            return try checked(duration, found: text)
        case .number:
            guard let number = Double(text) else { throw malformed(text) }
            return try checked(number, found: text)
        case .count:
            guard let count = Int(text) else { throw malformed(text) }
            return try checked(count: count, found: text)
        case .boolean:
            guard let boolean = Bool(text) else { throw malformed(text) }
            return .boolean(boolean)
        case .words: return try checked(words: text.split(separator: " ").map(String.init))
        case .address:
            let number = text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
            guard let number else { throw malformed(text) }
            return try checked(address: number, found: text)
        case .secret:
            guard text.contains(where: { !$0.isWhitespace }) else { throw hidden("It is empty.") }
            return .secret(Secret(text))
        case .secretKey:
            guard Base64.isValid(text) else { throw hidden("It is not valid base64.") }
            return .secret(Secret(text))
        case .bus:
            guard let bus = BusReference(text) else { throw outside(quoted(text)) }
            return .bus(bus)
        case .line:
            guard let line = LineReference(text) else { throw outside(quoted(text)) }
            return .line(line)
        case .endpoint:
            guard let endpoint = HostAndPort(text) else { throw outside(quoted(text)) }
            return .endpoint(endpoint)
        case .proxy: return .endpoint(try proxy(text))
        default:
            guard accepts(text) else { throw outside(quoted(text), near: text) }
            return .text(text)
        }
    }

    private func accepts(_ text: String) -> Bool {
        switch self {
        case .text(let longest): Self.isPrintable(text) && (1...longest).contains(text.unicodeScalars.count)
        case .path: Self.isPrintable(text) && !text.isEmpty
        case .word(let words): words.contains(text)
        case .oneWireID: OneWireID.isValid(text)
        case .channel: KernelChannel.isValid(text)
        case .registrationID: Self.isRegistrationID(text)
        case .name(let dashes): Self.isName(text, dashes: dashes)
        default: true
        }
    }

    /// Whether `text` is 1…32 characters of `[a-z0-9]`, with dashes inside where allowed.
    static func isName(_ text: String, dashes: Bool) -> Bool {
        (1...32).contains(text.utf8.count) && text.first != "-" && text.last != "-"
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7A).contains($0)
                    || (dashes && $0 == UInt8(ascii: "-"))
            }
    }

    private static func isPrintable(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy {
            switch $0.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .surrogate: false
            default: true
            }
        }
    }

    private static func isRegistrationID(_ text: String) -> Bool {
        func isAlphanumeric(_ character: Character?) -> Bool {
            character.map { $0.isASCII && ($0.isLetter || $0.isNumber) } ?? false
        }
        return text.utf8.count <= 128 && isAlphanumeric(text.first) && isAlphanumeric(text.last)
            && text.allSatisfy { isAlphanumeric($0) || "-._:".contains($0) }
    }
}

extension ValueKind {
    private func checked(_ duration: Duration, found: String) throws(Refusal) -> CheckedValue {
        guard case .duration(let range, let whole) = self, range.contains(duration) else {
            throw outside(printable(found))
        }
        guard !whole || duration.components.attoseconds == 0 else {
            throw Refusal(
                kind: .outOfRange, problem: "Found \(printable(found)).", advice: "Expected whole seconds.")
        }
        return .duration(duration)
    }

    private func checked(_ number: Double, found: String) throws(Refusal) -> CheckedValue {
        // A range never contains NaN.
        guard case .number(let range, _) = self, range.contains(number) else {
            throw outside(printable(found))
        }
        return .number(number)
    }

    private func checked(count: Int, found: String) throws(Refusal) -> CheckedValue {
        guard case .count(let range) = self, range.contains(count) else { throw outside(printable(found)) }
        return .count(count)
    }

    private func checked(words: [String]) throws(Refusal) -> CheckedValue {
        guard (1...32).contains(words.count), words[0].hasPrefix("/"), words.allSatisfy(Self.isPrintable)
        else {
            throw outside(quoted(words.joined(separator: " ")))
        }
        return .words(words)
    }

    private func checked(address: Int, found: String) throws(Refusal) -> CheckedValue {
        // 0x00…0x07 and 0x78…0x7F are reserved by the I²C specification, section 3.1.12.
        guard (0x08...0x77).contains(address) else { throw outside(printable(found)) }
        return .address(UInt8(address))
    }

    /// What stands before an @ may be a password and is not shown.
    private func proxy(_ text: String) throws(Refusal) -> HostAndPort {
        guard !text.contains("@") else {
            throw Refusal(
                kind: .outOfRange, problem: "It holds a user or password.",
                advice: "Set hub.proxy-user and hub.proxy-password-file, and leave them out here.")
        }
        let scheme = "socks5h://"
        guard text.hasPrefix(scheme), let address = HostAndPort(String(text.dropFirst(scheme.count))) else {
            var refusal = outside(quoted(text))
            if text.hasPrefix("socks5://") { refusal.advice += " The proxy resolves the names, hence the h." }
            throw refusal
        }
        return address
    }

    private func quoted(_ text: String) -> String { "\"\(printable(text))\"" }

    private func outside(_ found: String, near word: String = "") -> Refusal {
        var refusal = Refusal(kind: .outOfRange, problem: "Found \(found).", advice: "Expected \(expected).")
        if case .word(let words) = self, let near = Spelling.nearest(to: word, among: words) {
            refusal.advice += " Did you mean \"\(near)\"?"
        }
        return refusal
    }

    private func malformed(_ text: String) -> Refusal {
        Refusal(kind: .wrongType, problem: "Found \(quoted(text)).", advice: "Expected \(expected).")
    }

    private func hidden(_ problem: String) -> Refusal {
        Refusal(kind: .outOfRange, problem: problem, advice: "Expected \(expected); its value is not shown.")
    }

    private func wrongType(_ node: TOMLNode) -> Refusal {
        Refusal(kind: .wrongType, problem: "Found \(node.typeName).", advice: "Expected \(expected).")
    }
}
