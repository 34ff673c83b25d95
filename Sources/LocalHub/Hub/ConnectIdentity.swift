// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The user name of a CONNECT, taken apart.
struct ConnectIdentity: Sendable, Hashable {
    let service: ConnectionService
    /// Hub host name, or id scope.
    let scope: String
    /// Device id, or registration id.
    let id: String
    let query: [String: String?]

    /// Reads `{host}/{deviceId}/?{query}` or `{idScope}/registrations/{id}/{query}`; nil for any other text.
    init?(userName: String) {
        let parts = userName.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        scope = String(parts[0])
        let query: Substring
        if parts.count == 4, parts[1] == "registrations" {
            service = .provisioning
            id = String(parts[2])
            query = parts[3]
        } else if parts[2].hasPrefix("?") {
            // A value may hold a bare slash, which was split off above.
            service = .hub
            id = String(parts[1])
            query = parts[2...].joined(separator: "/").dropFirst()[...]
        } else {
            return nil
        }
        guard let query = PropertyBag.decode(query) else { return nil }
        self.query = query
    }

    var apiVersion: String? { query["api-version"] ?? nil }
    var modelId: String? { query["model-id"] ?? nil }
    var clientType: String? { (query["DeviceClientType"] ?? nil) ?? (query["ClientVersion"] ?? nil) }
}

/// A host name without its port.
func bareHost(_ host: String) -> String {
    if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
        return host[host.index(after: host.startIndex)..<end].lowercased()
    }
    let parts = host.split(separator: ":", omittingEmptySubsequences: false)
    return (parts.count == 2 ? String(parts[0]) : host).lowercased()
}
