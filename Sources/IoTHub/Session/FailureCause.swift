// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Why there is no connection; ``BackoffPolicy`` has the waits of each.
package enum FailureCause: String, Sendable, Hashable, CaseIterable {
    /// The host name could not be resolved.
    case nameNotResolved
    /// TCP was refused or found no way.
    case unreachable
    /// Neither TCP, TLS nor CONNACK came to an end in time.
    case noAnswer
    /// The server could not be trusted, or the handshake broke.
    case tls
    /// CONNACK 1: no MQTT 3.1.1.
    case wrongProtocol
    /// CONNACK 2: the client identifier.
    case identifierRefused
    /// CONNACK 3: an outage, throttling, or a disabled device.
    case serverUnavailable
    /// CONNACK 4: user name or password cannot be read.
    case credentialsMalformed
    /// CONNACK 5: unknown device, wrong key or clock.
    case notAuthorized
    /// The hub or DPS did not grant the subscriptions, or not in time.
    case subscriptionFailed
    /// Several requests in a row had no answer, the twin read among them.
    case requestsUnanswered
    /// A publish waited too long for its PUBACK: the link is open and dead.
    case messagesUnacknowledged
    /// The connection ended and nobody here wanted that.
    case connectionLost
    /// Connections ended soon after their start several times in a row.
    case identityInUse
    /// DPS asked for a pause beyond the limit of one attempt, or assigned no hub in time.
    case provisioningBusy
    /// DPS answered nothing.
    case provisioningSilent
    /// DPS refused; the same request will fail again until somebody changes something.
    case provisioningRefused
    /// A local file cannot be used.
    case localConfiguration

    /// What the failure of a CONNECT means for the next one.
    init(connectFailure code: TransportError.Code) {
        self =
            switch code {
            case .nameNotResolved: .nameNotResolved
            case .unreachable: .unreachable
            case .timedOut: .noAnswer
            case .tls: .tls
            case .refused(returnCode: 2): .identifierRefused
            case .refused(returnCode: 3): .serverUnavailable
            case .refused(returnCode: 4): .credentialsMalformed
            case .refused(returnCode: 5): .notAuthorized
            // MQTT 3.1.1 reserves 6…255: whoever sends one speaks something else.
            case .refused: .wrongProtocol
            case .localConfiguration: .localConfiguration
            case .connectionLost, .silence, .notConnected, .subscriptionRefused, .invalidMessage, .overflow,
                .cancelled:
                .connectionLost
            }
    }

    /// What to do about it, where the sentence that tells the failure does not say so itself.
    var advice: String? {
        switch self {
        case .connectionLost, .messagesUnacknowledged:
            "If this goes on, check the network and the hub's status."
        case .requestsUnanswered, .subscriptionFailed:
            "If this goes on, check the hub's status and whether it is throttled."
        default: nil
        }
    }
}
