// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// `SELECT * FROM devices [WHERE path = value [AND path = value …]]`: the part of the query language that is known here.
struct TwinQuery: Sendable, Hashable {
    /// One comparison.
    struct Condition: Sendable, Hashable {
        /// For example `["tags", "room"]` or `["properties", "reported", "serialNumber"]`.
        let path: [String]
        /// True for `!=` and `<>`.
        let isNegated: Bool
        /// What the member is compared with.
        let value: JSON
    }

    /// All must hold.
    let conditions: [Condition]

    /// Reads a query; throws 400004 for one that the real service may know but this one does not.
    init(_ text: String) throws(HubFailure) {
        var words = Self.words(text)[...]
        for expected in ["select", "*", "from", "devices"] {
            guard words.popFirst()?.lowercased() == expected else { throw Self.notUnderstood(text) }
        }
        var conditions: [Condition] = []
        var introduction = "where"
        while let word = words.popFirst() {
            guard word.lowercased() == introduction, let path = words.popFirst(), let sign = words.popFirst(),
                ["=", "!=", "<>"].contains(sign), let value = words.popFirst().flatMap(Self.value)
            else { throw Self.notUnderstood(text) }
            let isNegated = sign != "="
            conditions.append(
                Condition(
                    path: path.split(separator: ".").map(String.init), isNegated: isNegated, value: value))
            introduction = "and"
        }
        self.conditions = conditions
    }

    /// Whether a twin document meets all conditions; a member that is not there equals nothing.
    func matches(_ twin: JSON) -> Bool {
        conditions.allSatisfy { condition in
            var member: JSON? = twin
            for name in condition.path { member = member?[name] }
            guard let member else { return false }
            let isEqual =
                if let left = member.double, let right = condition.value.double {
                    left == right
                } else {
                    member == condition.value
                }
            return isEqual != condition.isNegated
        }
    }

    private static func notUnderstood(_ text: String) -> HubFailure {
        .argumentInvalid(
            "The query \"\(text)\" is not understood. Use SELECT * FROM devices, with WHERE path = value "
                + "conditions joined by AND.")
    }

    /// Splits at white space and around comparison signs, outside of single-quoted texts.
    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var isQuoted = false
        func end() {
            if !word.isEmpty { words.append(word) }
            word = ""
        }
        for character in text {
            let isSign = "=!<>".contains(character)
            if character == "'" {
                if !isQuoted { end() }
                word.append(character)
                isQuoted.toggle()
                if !isQuoted { end() }
            } else if isQuoted {
                word.append(character)
            } else if character.isWhitespace {
                end()
            } else {
                if isSign != (word.last.map { "=!<>".contains($0) } ?? isSign) { end() }
                word.append(character)
            }
        }
        end()
        return words
    }

    private static func value(_ word: String) -> JSON? {
        if word.count >= 2, word.hasPrefix("'"), word.hasSuffix("'") {
            return .string(String(word.dropFirst().dropLast()))
        }
        let value = try? JSON(parsing: word.lowercased())
        switch value {
        case .bool, .integer, .number: return value
        default: return nil
        }
    }
}

extension ServiceAPI {
    /// `POST /devices/query`, with paging by `x-ms-max-item-count` and `x-ms-continuation`.
    func query(_ request: RESTRequest) async throws(HubFailure) -> RESTResponse {
        guard let text = try request.members()["query"]?.string else {
            throw .argumentInvalid("query is missing; send {\"query\": \"SELECT * FROM devices\"}.")
        }
        let query = try TwinQuery(text)
        let start = request.header("x-ms-continuation").flatMap { Int($0) } ?? 0
        let count = request.header("x-ms-max-item-count").flatMap { Int($0) } ?? 100
        guard start >= 0, count > 0 else {
            throw .argumentInvalid(
                "The continuation or the maximum item count is not one that was given out.")
        }
        var found: [JSON] = []
        for device in await hub.devices(top: .max) {
            // A device deleted since the list was made has no twin any more and is left out.
            guard let twin = try? await hub.twin(device.id) else { continue }
            let document = twin.document(of: device)
            if query.matches(document) { found.append(document) }
        }
        let end = start + min(count, max(found.count - start, 0))
        var headers = [(name: "x-ms-item-type", value: "Twin")]
        if end < found.count { headers.append((name: "x-ms-continuation", value: String(end))) }
        return RESTResponse(
            status: 200, headers: headers, document: .array(Array(found[min(start, end)..<end])))
    }
}
