// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What the topic of a message from the hub or from DPS says.
enum InboundTopic: Equatable {
    /// A method call.
    case methodRequest(name: String, requestID: String)
    /// The answer to a twin read or a reported patch.
    case twinResponse(status: Int, requestID: String, version: Int64?)
    /// A change of the desired section.
    case desiredPatch(version: Int64?)
    /// A cloud-to-device message with its decoded properties; a name without `=` has no value.
    case cloudMessage(properties: [String: String?])
    /// The answer to a registration request.
    case provisioningResponse(status: Int, requestID: String, retryAfter: Int?)

    /// Reads `topic`; `nil` where it is none of these or malformed.
    init?(_ topic: String, deviceID: String?) {
        if let rest = topic.removingPrefix("$iothub/methods/POST/") {
            guard let (name, query) = Self.split(rest), !name.isEmpty, let requestID = query.requestID else {
                return nil
            }
            self = .methodRequest(name: PercentEncoding.decode(name), requestID: requestID)
        } else if let rest = topic.removingPrefix("$iothub/twin/res/") {
            guard let (status, query) = Self.split(rest), let code = Self.status(status),
                let requestID = query.requestID
            else { return nil }
            self = .twinResponse(
                status: code, requestID: requestID, version: query["$version"].flatMap(Self.version))
        } else if let rest = topic.removingPrefix("$iothub/twin/PATCH/properties/desired/") {
            guard rest.isEmpty || rest.hasPrefix("?") else { return nil }
            self = .desiredPatch(version: TopicQuery(rest.dropFirst())["$version"].flatMap(Self.version))
        } else if let rest = topic.removingPrefix("$dps/registrations/res/") {
            guard let (status, query) = Self.split(rest), let code = Self.status(status),
                let requestID = query.requestID
            else { return nil }
            self = .provisioningResponse(
                status: code, requestID: requestID, retryAfter: query["retry-after"].flatMap { Int($0) })
        } else if let deviceID, let rest = topic.removingPrefix("devices/\(deviceID)/messages/devicebound/") {
            self = .cloudMessage(properties: Self.properties(rest))
        } else {
            return nil
        }
    }

    /// Splits `part/?query`; the part may not hold a slash.
    private static func split(_ rest: Substring) -> (Substring, TopicQuery)? {
        guard let slash = rest.firstIndex(of: "/") else { return nil }
        let query = rest[rest.index(after: slash)...]
        guard query.hasPrefix("?") else { return nil }
        return (rest[..<slash], TopicQuery(query.dropFirst()))
    }

    private static func status(_ text: Substring) -> Int? {
        guard text.utf8.count == 3, let code = Int(text), code >= 100 else { return nil }
        return code
    }

    private static func version(_ text: Substring) -> Int64? {
        guard let version = Int64(text), version >= 0 else { return nil }
        return version
    }

    private static func properties(_ bag: Substring) -> [String: String?] {
        var properties: [String: String?] = [:]
        for segment in bag.split(separator: "&") {
            let parts = segment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? PercentEncoding.decode(parts[1]) : nil
            properties.updateValue(value, forKey: PercentEncoding.decode(parts[0]))
        }
        // The hub's own address of this device says nothing; Microsoft's clients drop it too.
        properties["$.to"] = nil
        return properties
    }
}

/// The part of a topic behind `?`: pairs in any order, unknown ones ignored.
private struct TopicQuery {
    private var values: [Substring: Substring] = [:]

    init(_ text: Substring) {
        for pair in text.split(separator: "&") {
            guard let equals = pair.firstIndex(of: "=") else { continue }
            values[pair[..<equals]] = pair[pair.index(after: equals)...]
        }
    }

    subscript(name: Substring) -> Substring? { values[name] }

    /// The request id as it stands there, to be echoed exactly; `nil` where it is missing or empty.
    var requestID: String? {
        values["$rid"].flatMap { $0.isEmpty ? nil : String($0) }
    }
}

extension String {
    fileprivate func removingPrefix(_ prefix: String) -> Substring? {
        hasPrefix(prefix) ? dropFirst(prefix.count) : nil
    }
}
