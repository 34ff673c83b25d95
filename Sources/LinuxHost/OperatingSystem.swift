// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The operating system's name, from os-release(5).
enum OperatingSystem {
    /// `PRETTY_NAME`, else `NAME` with `VERSION`, of the first file that is there; `nil` where none says anything.
    static func name(_ tree: SystemTree) -> String? {
        for file in ["/etc/os-release", "/usr/lib/os-release"] {
            guard let text = tree.text(file) else { continue }
            let fields = fields(text)
            if let name = fields["PRETTY_NAME"].flatMap({ SystemTree.clean($0.utf8) }) { return name }
            guard let name = fields["NAME"] else { continue }
            return SystemTree.clean("\(name) \(fields["VERSION"] ?? fields["VERSION_ID"] ?? "")".utf8)
        }
        return nil
    }

    /// The assignments of the file; a later one wins.
    ///
    /// Manual page os-release(5): a small part of shell syntax.
    static func fields(_ text: String) -> [String: String] {
        var fields: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            fields[String(line[..<equals])] = unquote(line[line.index(after: equals)...])
        }
        return fields
    }

    private static func unquote(_ text: Substring) -> String {
        guard let quote = text.first, quote == "\"" || quote == "'" else { return String(text) }
        var value = ""
        var escaped = false
        for character in text.dropFirst() {
            if escaped {
                value.append(character)
                escaped = false
            } else if character == "\\", quote == "\"" {
                escaped = true
            } else if character == quote {
                break
            } else {
                value.append(character)
            }
        }
        return value
    }
}
