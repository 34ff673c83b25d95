// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A host name with the port to dial.
package struct HostAddress: Sendable, Hashable, CustomStringConvertible {
    /// The name, or a numeric address; IPv6 without brackets.
    package var name: String
    /// The port where one was written, else `nil`.
    package var explicitPort: UInt16?

    /// The port of MQTT over TLS.
    package static let defaultPort: UInt16 = 8883

    /// Makes an address from checked parts.
    package init(name: String, port: UInt16?) {
        self.name = name
        explicitPort = port
    }

    /// Reads `name`, `name:port`, `1.2.3.4:port` or `[v6]:port`.
    package init(parsing text: String) throws(IdentityError) {
        let parsed: (name: Substring, port: Substring?)
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else {
                throw IdentityError(
                    "The host name \"\(IdentityRules.printable(text))\" is not an address; write [address]:port."
                )
            }
            parsed = (text[text.index(after: text.startIndex)..<end], rest.isEmpty ? nil : rest.dropFirst())
        } else if let colon = text.firstIndex(of: ":") {
            parsed = (text[..<colon], text[text.index(after: colon)...])
        } else {
            parsed = (text[...], nil)
        }
        guard IdentityRules.isHostName(parsed.name), !text.contains("/") else {
            throw IdentityError(
                "The host name \"\(IdentityRules.printable(text))\" is not valid; write it like "
                    + "contoso.azure-devices.net, without https://."
            )
        }
        name = String(parsed.name)
        explicitPort = nil
        if let digits = parsed.port {
            guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = UInt16(digits), port > 0 else {
                throw IdentityError(
                    "The port in \"\(IdentityRules.printable(text))\" must be a number from 1 to 65535.")
            }
            explicitPort = port
        }
    }

    /// The port to dial.
    package var port: UInt16 { explicitPort ?? Self.defaultPort }

    /// As it was written; this is also the hub's name in user names and tokens.
    package var description: String {
        let host = name.contains(":") ? "[\(name)]" : name
        return explicitPort.map { "\(host):\($0)" } ?? host
    }
}
