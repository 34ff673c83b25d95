// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The `name=value&…` part of a topic.
enum PropertyBag {
    /// Decodes names and values; nil value for a bare name.
    ///
    /// Returns nil when an escape is broken, a name is empty, or a name comes twice.
    static func decode(_ text: some StringProtocol) -> [String: String?]? {
        guard !text.isEmpty else { return [:] }
        // Bytes, not characters: every message of telemetry comes through here.
        var text = String(text)
        return text.withUTF8 { decode(UnsafeRawBufferPointer($0)) }
    }

    private static func decode(_ bytes: UnsafeRawBufferPointer) -> [String: String?]? {
        var result: [String: String?] = [:]
        for part in bytes.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false) {
            let equal = part.firstIndex(of: UInt8(ascii: "="))
            guard let name = PercentEncoding.decode(bytes: part[..<(equal ?? part.endIndex)]), !name.isEmpty
            else { return nil }
            var value: String?
            if let equal {
                value = PercentEncoding.decode(bytes: part[(equal + 1)...])
                guard value != nil else { return nil }
            }
            guard result.updateValue(value, forKey: name) == nil else { return nil }
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
