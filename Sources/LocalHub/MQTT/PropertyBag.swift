// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The `name=value&…` part of a topic.
enum PropertyBag {
    /// Decodes names and values; nil value for a bare name.
    ///
    /// Returns nil when an escape is broken, a name is empty, or a name comes twice.
    static func decode(_ text: some StringProtocol) -> [String: String?]? {
        guard !text.isEmpty else { return [:] }
        var result: [String: String?] = [:]
        for part in text.split(separator: "&", omittingEmptySubsequences: false) {
            let equal = part.firstIndex(of: "=")
            guard let name = PercentEncoding.decode(part[..<(equal ?? part.endIndex)]), !name.isEmpty,
                result[name] == nil
            else { return nil }
            if let equal {
                guard let value = PercentEncoding.decode(part[part.index(after: equal)...]) else {
                    return nil
                }
                result[name] = .some(value)
            } else {
                result.updateValue(nil, forKey: name)
            }
        }
        return result
    }

    /// Encodes names and values, sorted by name.
    static func encode(_ properties: [String: String?]) -> String {
        properties.sorted { $0.key < $1.key }.map { name, value in
            PercentEncoding.encode(name) + (value.map { "=" + PercentEncoding.encode($0) } ?? "")
        }.joined(separator: "&")
    }
}
