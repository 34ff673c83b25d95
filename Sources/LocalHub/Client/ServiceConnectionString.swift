// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

public import Foundation

/// What a back end needs to talk to the REST API: `HostName=…;SharedAccessKeyName=…;SharedAccessKey=…`.
public struct ServiceConnectionString: Sendable, Hashable {
    /// Host to dial, also the resource its tokens are made for together with the port.
    public var host: String
    /// Port to dial; 443 when the text names none.
    public var port: Int
    /// Name of the shared access policy.
    public var keyName: String
    /// The policy's key, base64.
    public var key: String

    /// Puts the parts together.
    public init(host: String, port: Int, keyName: String, key: String) {
        self.host = host
        self.port = port
        self.keyName = keyName
        self.key = key
    }

    /// Reads the text; nil unless it holds a host name, a policy name and a base64 key.
    public init?(_ text: String) {
        var parts: [Substring: Substring] = [:]
        for segment in text.split(separator: ";") {
            let pair = segment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, parts.updateValue(pair[1], forKey: pair[0]) == nil else { return nil }
        }
        guard let hostName = parts["HostName"], let keyName = parts["SharedAccessKeyName"],
            let key = parts["SharedAccessKey"], Data(base64Encoded: String(key)) != nil,
            let endpoint = Self.endpoint(hostName)
        else { return nil }
        self.init(host: endpoint.host, port: endpoint.port, keyName: String(keyName), key: String(key))
    }

    /// Splits `name`, `name:port`, `[address]` or `[address]:port`.
    private static func endpoint(_ text: Substring) -> (host: String, port: Int)? {
        let closing = text.lastIndex(of: "]")
        guard let colon = text.lastIndex(of: ":"), closing.map({ $0 < colon }) ?? true else {
            let bare = text.drop { $0 == "[" }.prefix { $0 != "]" }
            return bare.isEmpty ? nil : (String(bare), 443)
        }
        let host = text[..<colon].drop { $0 == "[" }.prefix { $0 != "]" }
        guard let port = Int(text[text.index(after: colon)...]), (1...65535).contains(port), !host.isEmpty
        else { return nil }
        return (String(host), port)
    }

    /// Host and port as they stand in the text, in the `Host` header and in the token's resource.
    public var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == 443 ? name : "\(name):\(port)"
    }

    /// The text, as Microsoft's service SDKs take it.
    public var text: String {
        "HostName=\(authority);SharedAccessKeyName=\(keyName);SharedAccessKey=\(key)"
    }

    /// A token for the whole hub.
    ///
    /// The key was checked when the text was read; a value put together by hand with a key that is no base64
    /// yields an empty token, which every hub refuses.
    public func token(expiry: Date) -> String {
        SharedAccessSignature.sign(
            resource: authority, key: key, expiry: Int(expiry.timeIntervalSince1970), keyName: keyName) ?? ""
    }
}
