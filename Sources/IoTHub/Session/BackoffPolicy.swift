// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

/// The waits between attempts to connect: one rule for each cause of failure.
package struct BackoffPolicy: Sendable, Hashable {
    /// The waits for one cause.
    package struct Rule: Sendable, Hashable {
        /// How many failures in a row are followed by the short waits of ``BackoffPolicy/quick``.
        package var quickTries: Int
        /// The waits from then on.
        package var backoff: Backoff
    }

    /// The waits for what heals by itself, and for what may have been an accident.
    ///
    /// 1, 2, 4 … 100 s is what Microsoft's SDK for embedded C computes (protocol reference 12); the whole range is
    /// used as jitter, so that devices that lost the hub together do not come back together.
    package static let quick = Backoff(base: .seconds(1), cap: .seconds(100))

    /// A bound for every wait, or `nil`.
    ///
    /// A pause that the service asks for is kept all the same.
    package var longestWait: Duration?

    /// Makes a policy.
    package init(longestWait: Duration? = nil) { self.longestWait = longestWait }

    /// The rule for a cause.
    package static func rule(for cause: FailureCause) -> Rule {
        switch cause {
        // The local resolver: asking costs nobody much, and the router is often back sooner than its upstream.
        case .nameNotResolved: Rule(.seconds(1), .seconds(60))
        case .unreachable, .connectionLost, .messagesUnacknowledged: Rule(.seconds(1), .seconds(100))
        // The attempt itself took its time already.
        case .noAnswer, .subscriptionFailed, .requestsUnanswered, .provisioningSilent:
            Rule(.seconds(2), .seconds(100))
        // One may be a handshake that was cut off; a wrong certificate stays wrong, a captive portal stays a while.
        case .tls: Rule(.seconds(60), .seconds(300), quickTries: 1, .upperHalf)
        // The service asks for less: never at once.
        case .serverUnavailable: Rule(.seconds(5), .seconds(120), .upperHalf)
        case .provisioningBusy: Rule(.seconds(5), .seconds(300), .upperHalf)
        // The first token may have been made by a wrong clock, the second by one that was just set. After that
        // somebody has to create or enable the device, which minutes of waiting do not hold up.
        case .notAuthorized: Rule(.seconds(60), .seconds(300), quickTries: 2, .upperHalf)
        // Settings of this machine are wrong, and changing them restarts the agent.
        case .wrongProtocol, .identifierRefused, .credentialsMalformed:
            Rule(.seconds(60), .seconds(600), .upperHalf)
        case .localConfiguration: Rule(.seconds(60), .seconds(300), .upperHalf)
        // Every registration counts on the bill and against 1000 a minute for the whole service.
        case .provisioningRefused: Rule(.seconds(60), .seconds(600), .upperHalf)
        // Two programs with one identity end each other's connections: the one that waits leaves the other in peace.
        case .identityInUse: Rule(.seconds(120), .seconds(900), .upperHalf)
        }
    }

    /// The wait after the n-th failure of a cause since a connection was last stable.
    package func delay(after cause: FailureCause, failures: Int, random: UInt64) -> Duration {
        let rule = Self.rule(for: cause)
        guard failures > rule.quickTries else {
            return bounded(Self.quick).delay(afterFailures: failures, random: random)
        }
        return bounded(rule.backoff).delay(afterFailures: failures - rule.quickTries, random: random)
    }

    /// Whether the n-th failure in a row means that trying again soon has no prospect.
    package static func isHopeless(_ cause: FailureCause, failures: Int) -> Bool {
        switch cause {
        case .tls, .notAuthorized, .wrongProtocol, .identifierRefused, .credentialsMalformed,
            .localConfiguration, .provisioningRefused, .identityInUse:
            failures > rule(for: cause).quickTries
        default: false
        }
    }

    /// The wait before a request is repeated on a connection that stands.
    func requestDelay(failures: Int, random: UInt64) -> Duration {
        bounded(Self.quick).delay(afterFailures: failures, random: random)
    }

    private func bounded(_ backoff: Backoff) -> Backoff {
        guard let longestWait else { return backoff }
        var bounded = backoff
        bounded.base = min(backoff.base, longestWait)
        bounded.cap = min(backoff.cap, longestWait)
        return bounded
    }
}

extension BackoffPolicy.Rule {
    fileprivate init(
        _ base: Duration, _ cap: Duration, quickTries: Int = 0, _ spread: Backoff.Spread = .full
    ) {
        self.init(quickTries: quickTries, backoff: Backoff(base: base, cap: cap, spread: spread))
    }
}
