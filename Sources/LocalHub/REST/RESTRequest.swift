// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

/// One HTTP request, taken apart and decoded, without any socket in it.
struct RESTRequest: Sendable {
    /// The method in capitals.
    let method: String
    /// The path's segments, percent-decoded; no empty ones.
    let path: [String]
    /// The query's pairs, percent-decoded; of equal names the last one counts.
    let query: [String: String]
    /// The body as it came.
    let body: [UInt8]
    private let fields: [String: String]

    /// Takes a request line's target apart; nil when its percent-encoding is broken.
    init?(method: String, target: String, headers: [(name: String, value: String)], body: [UInt8]) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var path: [String] = []
        for segment in (parts.first ?? "").split(separator: "/") {
            guard let decoded = segment.removingPercentEncoding else { return nil }
            path.append(decoded)
        }
        var query: [String: String] = [:]
        for pair in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = sides.count > 1 ? sides[1] : ""
            guard let name = sides[0].removingPercentEncoding, let decoded = value.removingPercentEncoding
            else { return nil }
            query[name] = decoded
        }
        self.method = method
        self.path = path
        self.query = query
        self.body = body
        fields = Dictionary(headers.map { ($0.name.lowercased(), $0.value) }) { $1 }
    }

    /// The value of a header, whose name may be given in any case.
    func header(_ name: String) -> String? {
        fields[name.lowercased()]
    }

    /// `If-Match` without its quotes, nil when absent.
    ///
    /// Microsoft's SDK sends even the wildcard `*` with quotes.
    var ifMatch: String? {
        header("If-Match")?.trimmingCharacters(in: CharacterSet(charactersIn: "\" "))
    }

    /// The body as JSON; null when it is empty.
    ///
    /// Throws 400004 when it is no JSON.
    func document() throws(HubFailure) -> JSON {
        guard !body.isEmpty else { return .null }
        do {
            return try JSON(parsing: body)
        } catch {
            throw .argumentInvalid("The body is \(error.description). Send one JSON document in UTF-8.")
        }
    }

    /// The body as members of a JSON object.
    ///
    /// Throws 400004 when it is anything else.
    func members() throws(HubFailure) -> [String: JSON] {
        guard let members = try document().object else {
            throw .argumentInvalid("The body must be a JSON object.")
        }
        return members
    }

    /// A whole number out of the query; nil when absent.
    ///
    /// Throws 400004 outside the range.
    func number(_ name: String, in range: ClosedRange<Int>) throws(HubFailure) -> Int? {
        guard let text = query[name] else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw .argumentInvalid(
                "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return value
    }
}
