// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Why a request to a running hub brought no usable answer.
public enum HubClientError: Error, Sendable, Equatable {
    /// The CA file cannot be read or holds no certificate.
    case certificateAuthority(file: String, reason: String)
    /// Nothing answers there, or the connection broke before the answer was complete.
    case unreachable(authority: String, reason: String)
    /// The server's certificate is not trusted.
    case untrusted(authority: String, reason: String)
    /// The answer is no JSON.
    case malformedAnswer(status: Int)
    /// The hub refused the request; the message is the hub's own.
    case refused(status: Int, message: String)
}

extension HubClientError: CustomStringConvertible {
    /// One line that ends with what to do next.
    public var description: String {
        switch self {
        case .certificateAuthority(let file, let reason):
            "cannot read the CA certificate \(file) (\(reason)); name the right file with --ca-file"
        case .unreachable(let authority, let reason):
            "no hub answers at \(authority) (\(reason)); start one with: local-hub serve"
        case .untrusted(let authority, let reason):
            """
            the certificate of \(authority) is not trusted (\(reason)); name the CA of that hub with --ca-file, \
            or its directory with --state-dir
            """
        case .malformedAnswer(let status):
            "the answer (status \(status)) is not JSON; check that a local-hub of this version listens there"
        case .refused(let status, let message):
            "refused with status \(status): \(message)"
        }
    }
}
