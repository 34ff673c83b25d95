// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Crypto
import Foundation

/// Checks the `Authorization` header of a service request.
///
/// A header is a token signed with the key of a policy:
/// `SharedAccessSignature sr={hub}&sig={signature}&se={expiry}&skn={policy}` in any order, the signature being made
/// over the received text of sr. The control API takes `Bearer {key}` too, so that it can be used from a shell.
struct ServiceAuthorization: Sendable {
    /// Base64 keys by policy name.
    let policies: [String: String]
    /// Host names that tokens may be made for; a port behind them is ignored.
    let hostNames: [String]

    /// Throws 401002 unless the header proves permission at the given time.
    func check(_ request: RESTRequest, allowsBearer: Bool, now: Date) throws(HubFailure) {
        guard let header = request.header("Authorization") else {
            throw .unauthorized("There is no Authorization header. Send a service token.")
        }
        if allowsBearer, header.hasPrefix("Bearer ") {
            let given = String(header.dropFirst("Bearer ".count))
            guard policies.values.contains(where: { Self.isEqual($0, given) }) else {
                throw .unauthorized("The bearer is not the key of a policy.")
            }
            return
        }
        guard let token = SharedAccessSignature(header) else {
            throw .unauthorized(
                "The Authorization header is no SharedAccessSignature with sr, sig, se and skn.")
        }
        try check(token, now: now)
    }

    private func check(_ token: SharedAccessSignature, now: Date) throws(HubFailure) {
        let policy = token.keyName ?? ""
        guard let key = policies[policy] else {
            throw .unauthorized("There is no policy \"\(policy)\". Take the name from the connection string.")
        }
        guard token.isSigned(by: key) else {
            throw .unauthorized("The token's signature does not fit the key of policy \"\(policy)\".")
        }
        guard token.expiryDate > now else {
            throw .unauthorized("The token has expired. Check the clock and make a new one.")
        }
        guard covers(token.resource) else {
            throw .unauthorized("The token is made for \"\(token.resource)\", which is not this hub.")
        }
    }

    /// Whether the resource is the whole hub: its name, with or without a port, in any case.
    private func covers(_ scope: String) -> Bool {
        let name = scope.lowercased()
        return hostNames.contains { known in
            let known = known.lowercased()
            let bracketed = known.contains(":") ? "[\(known)]" : known
            if name == known || name == bracketed { return true }
            guard name.hasPrefix(bracketed + ":") else { return false }
            return UInt16(name.dropFirst(bracketed.count + 1)) != nil
        }
    }

    /// Compares two secrets in a time that does not depend on where they differ.
    private static func isEqual(_ left: String, _ right: String) -> Bool {
        SHA256.hash(data: Data(left.utf8)) == SHA256.hash(data: Data(right.utf8))
    }
}
