// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Crypto
public import Foundation

/// A token: a resource and an expiry, signed with a shared key.
public struct SharedAccessSignature: Sendable, Hashable {
    /// The resource exactly as received, still encoded: the signature covers this text.
    public let encodedResource: String
    /// The resource decoded.
    public let resource: String
    /// The signature bytes.
    public let signature: [UInt8]
    /// Seconds since 1970.
    public let expiry: Int
    /// The policy name, `skn`.
    public let keyName: String?

    /// Reads `SharedAccessSignature sr=…&sig=…&se=…[&skn=…]` in any order of fields; nil for anything else.
    public init?(_ text: String) {
        let prefix = "SharedAccessSignature "
        guard text.hasPrefix(prefix) else { return nil }
        var fields: [Substring: Substring] = [:]
        for field in text.dropFirst(prefix.count).split(separator: "&", omittingEmptySubsequences: false) {
            guard let equal = field.firstIndex(of: "=") else { return nil }
            let name = field[..<equal]
            guard ["sr", "sig", "se", "skn"].contains(name), fields[name] == nil else { return nil }
            fields[name] = field[field.index(after: equal)...]
        }
        guard let sr = fields["sr"], let resource = PercentEncoding.decode(sr), !resource.isEmpty,
            let sig = fields["sig"].flatMap({ PercentEncoding.decode($0) }),
            let bytes = Data(base64Encoded: sig),
            let expiry = fields["se"].flatMap({ Int($0) })
        else { return nil }
        encodedResource = String(sr)
        self.resource = resource
        signature = Array(bytes)
        self.expiry = expiry
        keyName = fields["skn"].map { PercentEncoding.decode($0) ?? String($0) }
    }

    /// True when that base64 key made the signature; takes equally long for every wrong signature.
    public func isSigned(by key: String) -> Bool {
        guard let key = Data(base64Encoded: key), !key.isEmpty else { return false }
        let message = Data("\(encodedResource)\n\(expiry)".utf8)
        return HMAC<SHA256>.isValidAuthenticationCode(
            signature, authenticating: message, using: SymmetricKey(data: key))
    }

    /// The moment the token ends.
    public var expiryDate: Date { Date(timeIntervalSince1970: TimeInterval(expiry)) }

    /// True when the token's resource is that path or a parent of it, by whole segments; case-insensitive host.
    public func covers(_ path: [String]) -> Bool {
        let own = resource.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard own.count <= path.count, let ownHost = own.first, let host = path.first else { return false }
        return ownHost.lowercased() == host.lowercased() && own.dropFirst() == path[1..<own.count]
    }

    /// A token for that resource, signed with a base64 key; nil when the key is not base64.
    public static func sign(resource: String, key: String, expiry: Int, keyName: String? = nil) -> String? {
        guard let key = Data(base64Encoded: key), !key.isEmpty else { return nil }
        let encoded = PercentEncoding.encode(resource)
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("\(encoded)\n\(expiry)".utf8), using: SymmetricKey(data: key))
        let signature = PercentEncoding.encode(Data(code).base64EncodedString())
        let name = keyName.map { "&skn=\($0)" } ?? ""
        return "SharedAccessSignature sr=\(encoded)&sig=\(signature)&se=\(expiry)\(name)"
    }

    /// The device key that a group key gives a registration id, in base64; nil when the group key is not base64.
    public static func deriveKey(group key: String, registrationId: String) -> String? {
        guard let key = Data(base64Encoded: key), !key.isEmpty else { return nil }
        let code = HMAC<SHA256>.authenticationCode(
            for: Data(registrationId.utf8), using: SymmetricKey(data: key))
        return Data(code).base64EncodedString()
    }
}
