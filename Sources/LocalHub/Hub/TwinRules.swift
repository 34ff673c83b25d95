// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

/// Limits of twin documents and the way patches change them.
enum TwinRules {
    /// Bytes that desired or reported properties may hold.
    static let sectionLimit = 32_768
    /// Bytes that tags may hold.
    static let tagsLimit = 8_192
    private static let valueLimit = 4_096
    private static let keyLimit = 1_024
    private static let depthLimit = 10
    private static let integers = -4_503_599_627_370_496...4_503_599_627_370_495

    /// Throws 400004 with the reason when a patch breaks a rule for keys, values or depth.
    static func check(_ patch: JSON) throws(HubFailure) {
        guard patch.object != nil else { throw .argumentInvalid("A twin section must be a JSON object.") }
        try check(patch, path: "", depth: 0)
    }

    /// Throws 413001 when a section has become too large.
    static func checkSize(_ section: JSON, limit: Int, name: String) throws(HubFailure) {
        let size = size(of: section)
        guard size <= limit else {
            throw .tooLarge(
                "The \(name) would hold \(size) bytes, more than \(limit). Remove something first.")
        }
    }

    private static func check(_ value: JSON, path: String, depth: Int) throws(HubFailure) {
        guard depth <= depthLimit else {
            throw .argumentInvalid("\(path): nested deeper than \(depthLimit).")
        }
        switch value {
        case .object(let members):
            for (key, member) in members {
                try checkKey(key, path: path)
                try check(member, path: "\(path)/\(key)", depth: depth + 1)
            }
        case .array(let elements):
            for element in elements {
                guard element != .null else { throw .argumentInvalid("\(path): null within an array.") }
                try check(element, path: "\(path)[]", depth: depth + 1)
            }
        case .string(let text):
            guard text.utf8.count <= valueLimit else {
                throw .argumentInvalid("\(path): text of \(text.utf8.count) bytes, more than \(valueLimit).")
            }
        case .integer(let number):
            guard integers.contains(number) else {
                throw .argumentInvalid("\(path): integer \(number) out of range.")
            }
        case .null, .bool, .number: break
        }
    }

    private static func checkKey(_ key: String, path: String) throws(HubFailure) {
        let isAllowed = key.unicodeScalars.allSatisfy {
            $0.value > 0x20 && !(0x7F...0x9F).contains($0.value) && $0 != "." && $0 != "$"
        }
        guard isAllowed, !key.isEmpty, key.utf8.count <= keyLimit else {
            throw .argumentInvalid(
                "\(path): key \"\(key.prefix(64))\" is empty, too long, or holds a control character, '.', '$' or space."
            )
        }
    }

    /// UTF-8 of keys and texts, 8 for a number, 4 for a truth value.
    static func size(of value: JSON) -> Int {
        switch value {
        case .null: 0
        case .bool: 4
        case .integer, .number: 8
        case .string(let text): text.utf8.count
        case .array(let elements): elements.reduce(0) { $0 + size(of: $1) }
        case .object(let members): members.reduce(0) { $0 + $1.key.utf8.count + size(of: $1.value) }
        }
    }

    /// RFC 7396: objects merge, null deletes, everything else replaces.
    static func merged(_ target: JSON?, _ patch: JSON) -> JSON {
        guard case .object(let changes) = patch else { return patch }
        var members = target?.object ?? [:]
        for (key, change) in changes {
            if change == .null {
                members.removeValue(forKey: key)
            } else {
                members[key] = merged(members[key], change)
            }
        }
        return .object(members)
    }

    /// The document without members that are null, at any depth outside arrays.
    static func withoutNulls(_ value: JSON) -> JSON { merged(nil, value) }

    /// `$lastUpdated` for everything a patch touched, nothing for what is gone.
    static func metadata(_ old: JSON?, after patch: JSON, of section: JSON, at time: String) -> JSON {
        guard case .object(let changes) = patch, case .object(let members) = section else {
            return ["$lastUpdated": .string(time)]
        }
        var result = old?.object ?? [:]
        for key in result.keys where key != "$lastUpdated" && members[key] == nil { result[key] = nil }
        for (key, change) in changes {
            guard let value = members[key] else { continue }
            result[key] = metadata(result[key], after: change, of: value, at: time)
        }
        result["$lastUpdated"] = .string(time)
        return .object(result)
    }
}

extension TwinSection {
    /// Merges a checked patch in.
    mutating func merge(_ patch: JSON, at now: Date) {
        let merged = TwinRules.merged(properties, patch)
        metadata = TwinRules.metadata(metadata, after: patch, of: merged, at: Timestamp.text(now))
        properties = merged
        version += 1
    }

    /// Puts a checked document in place of all there was.
    mutating func replace(_ document: JSON, at now: Date) {
        properties = TwinRules.withoutNulls(document)
        metadata = TwinRules.metadata(nil, after: properties, of: properties, at: Timestamp.text(now))
        version += 1
    }
}
