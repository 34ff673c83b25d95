// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

extension JSON {
    /// The value as JSON text for a person: one member per line, two spaces per level.
    public var prettyText: String {
        prettyText(indent: "")
    }

    private func prettyText(indent: String) -> String {
        let inner = indent + "  "
        switch self {
        case .object(let members) where !members.isEmpty:
            let lines = members.sorted { $0.key < $1.key }.map {
                "\(inner)\(JSON.string($0.key).text): \($0.value.prettyText(indent: inner))"
            }
            return "{\n\(lines.joined(separator: ",\n"))\n\(indent)}"
        case .array(let elements) where !elements.isEmpty:
            let lines = elements.map { inner + $0.prettyText(indent: inner) }
            return "[\n\(lines.joined(separator: ",\n"))\n\(indent)]"
        default:
            return text
        }
    }
}
