// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
package import StrictJSON

extension JSONValue {
    /// The value after applying `patch` as a JSON merge patch (RFC 7396): objects merge, `null` deletes, else replace.
    package func merged(with patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var members = objectValue ?? [:]
        for (name, change) in changes {
            guard change != .null else {
                members[name] = nil
                continue
            }
            members[name] = (members[name] ?? .null).merged(with: change)
        }
        return .object(members)
    }

    /// What has to be sent so that a holder of `known` has all of this value; `nil` where nothing is missing.
    ///
    /// Members that only `known` has are left alone. A component's marker `__t` goes with every change of its object.
    package func difference(from known: JSONValue?) -> JSONValue? {
        guard case .object(let members) = self, case .object(let knownMembers)? = known else {
            return isSame(as: known) ? Optional.none : self
        }
        var changes: [String: JSONValue] = [:]
        for (name, value) in members where name != "__t" {
            changes[name] = value.difference(from: knownMembers[name])
        }
        guard !changes.isEmpty else { return nil }
        changes["__t"] = members["__t"]
        return .object(changes)
    }

    /// Equal, where a whole number is the same number however it was written.
    private func isSame(as other: JSONValue?) -> Bool {
        guard let other else { return false }
        if let number = doubleValue, let otherNumber = other.doubleValue { return number == otherNumber }
        return self == other
    }
}
