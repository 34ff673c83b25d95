// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Secrets

/// What the services accept as names and keys; refusing early gives a clear text instead of a closed connection.
package enum IdentityRules {
    /// Checks a device id: 1…128 of ASCII letters, digits and `- . % _ * ? ! ( ) , : = @ $ '`.
    ///
    /// `+` and `#`, which old documents list, are refused: MQTT topics cannot carry them.
    @discardableResult
    package static func deviceID(_ text: String) throws(IdentityError) -> String {
        guard !text.isEmpty else {
            throw IdentityError("The device id is empty; copy it from the hub's device page.")
        }
        guard text.utf8.count <= 128 else {
            throw IdentityError("The device id is longer than 128 characters; register a shorter one.")
        }
        if text.contains(where: { $0 == "+" || $0 == "#" }) {
            throw IdentityError(
                "The device id \"\(text)\" contains + or #, which MQTT topics cannot carry; register another id."
            )
        }
        guard text.utf8.allSatisfy({ isAlphanumeric($0) || deviceIDPunctuation.contains($0) }) else {
            throw IdentityError(
                "The device id contains a character outside A-Z a-z 0-9 - . % _ * ? ! ( ) , : = @ $ '; correct it."
            )
        }
        return text
    }

    /// Checks a registration id: 1…128 of ASCII letters, digits and `. _ - :`, none of these four at an end.
    @discardableResult
    package static func registrationID(_ text: String) throws(IdentityError) -> String {
        guard !text.isEmpty else {
            throw IdentityError("The registration id is empty; use the one of the enrollment.")
        }
        guard text.utf8.count <= 128 else {
            throw IdentityError("The registration id is longer than 128 characters; use a shorter one.")
        }
        let punctuation = Set(".-_:".utf8)
        guard text.utf8.allSatisfy({ isAlphanumeric($0) || punctuation.contains($0) }),
            let first = text.utf8.first, let last = text.utf8.last, isAlphanumeric(first),
            isAlphanumeric(last)
        else {
            throw IdentityError(
                "The registration id \"\(printable(text))\" must consist of A-Z a-z 0-9 . _ - : and begin and end with "
                    + "a letter or digit; correct it.")
        }
        return text
    }

    /// Checks an id scope: not empty, ASCII letters, digits and `-`.
    @discardableResult
    package static func idScope(_ text: String) throws(IdentityError) -> String {
        guard !text.isEmpty, text.utf8.count <= 128,
            text.utf8.allSatisfy({ isAlphanumeric($0) || $0 == UInt8(ascii: "-") })
        else {
            throw IdentityError(
                "The id scope \"\(printable(text))\" is not valid; it looks like 0ne00ABCDEF and stands on the "
                    + "provisioning service's overview page.")
        }
        return text
    }

    /// Checks that a key is base64 of a length that its service takes; `name` says which one in the error.
    ///
    /// The provisioning service documents 16…64 bytes; the hub documents no limits.
    package static func key(
        _ key: Secret, named name: String, bytes allowed: ClosedRange<Int> = 16...64
    ) throws(IdentityError) {
        guard let bytes = Base64.decode(key.reveal()) else {
            throw IdentityError(
                "Invalid Symmetric Key: \(name) is not base64; copy it again, whole, with its final =.")
        }
        guard allowed.contains(bytes.count) else {
            throw IdentityError(
                "Invalid Symmetric Key: \(name) has \(bytes.count) bytes, \(allowed.lowerBound) to \(allowed.upperBound) are possible; "
                    + "copy it again, whole."
            )
        }
    }

    static func isHostName(_ text: Substring) -> Bool {
        let punctuation = Set("-._:".utf8)
        return !text.isEmpty && text.utf8.count <= 253
            && text.utf8.allSatisfy { isAlphanumeric($0) || punctuation.contains($0) }
    }

    /// `text` with everything but printable ASCII replaced, cut to a length that fits a line.
    static func printable(_ text: String) -> String {
        String(text.unicodeScalars.prefix(128).map { (0x20..<0x7F).contains($0.value) ? Character($0) : "?" })
    }

    private static let deviceIDPunctuation = Set("-.%_*?!(),:=@$'".utf8)

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}
