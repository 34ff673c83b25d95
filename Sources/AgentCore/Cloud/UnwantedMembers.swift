// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import StrictJSON

/// Members of a document that must not be there, by path; pure.
struct UnwantedMembers: Sendable {
    private var paths: Set<[String]> = []

    /// Takes a part of the wanted document: its `null` members are unwanted from now on, its others no more.
    mutating func take(_ part: JSONValue) { take(part, at: []) }

    private mutating func take(_ part: JSONValue, at path: [String]) {
        if part == .null {
            paths.insert(path)
            return
        }
        paths.remove(path)
        guard case .object(let members) = part else { return }
        for (name, member) in members { take(member, at: path + [name]) }
    }

    /// The patch that takes them out of `held`; `nil` where none is in it.
    func removals(from held: JSONValue) -> JSONValue? {
        var patch: JSONValue?
        for path in paths {
            var place: JSONValue? = held
            for name in path { place = place?[name] }
            guard place != nil else { continue }
            let removal = path.reversed().reduce(JSONValue.null) { inner, name in .object([name: inner]) }
            patch = patch?.joined(with: removal) ?? removal
        }
        return patch
    }
}

extension JSONValue {
    /// Both objects in one, `null` members kept; `other` wins where both say something.
    func joined(with other: JSONValue) -> JSONValue {
        guard case .object(let left) = self, case .object(let right) = other else { return other }
        return .object(left.merging(right) { $0.joined(with: $1) })
    }
}
