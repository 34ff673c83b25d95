// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// One `component.property=value` from a command line.
public struct DesiredAssignment: Sendable, Hashable {
    /// Names from the root of the desired properties on; never empty.
    public let path: [String]
    /// What the property shall be; null deletes it.
    public let value: JSON

    /// Reads `path=value`, the path's names joined by dots; nil when a name or the sign is missing.
    ///
    /// A value that is no JSON is taken as a text, so that `name=kitchen` needs no quotes.
    public init?(_ text: String) {
        let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard sides.count == 2 else { return nil }
        let names = sides[0].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard !names.contains("") else { return nil }
        path = names
        value = (try? JSON(parsing: String(sides[1]))) ?? .string(String(sides[1]))
    }

    /// One merge patch out of all assignments; a later one wins over an earlier one.
    ///
    /// A path of two or more names begins with a component, which gets the marker `"__t": "c"` of Plug and Play.
    public static func patch(_ assignments: [DesiredAssignment]) -> JSON {
        var patch = JSON.emptyObject
        for assignment in assignments {
            if assignment.path.count > 1 { set("c", at: [assignment.path[0], "__t"], in: &patch) }
            set(assignment.value, at: assignment.path[...], in: &patch)
        }
        return patch
    }

    private static func set(_ value: JSON, at path: ArraySlice<String>, in document: inout JSON) {
        guard let name = path.first else {
            document = value
            return
        }
        var members = document.object ?? [:]
        var member = members[name] ?? .emptyObject
        set(value, at: path.dropFirst(), in: &member)
        members[name] = member
        document = .object(members)
    }
}
