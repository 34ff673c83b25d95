// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Logging
import Quantities

extension HubSession {
    /// Does whatever is due by now.
    mutating func tick(at now: Now) {
        let time = now.monotonic
        switch phase {
        case .connecting(let target, let until) where time >= until:
            act(.cancelLinkOperation)
            let error = TransportError(
                .timedOut,
                "No connection to \(targetName(target)) within \(Self.text(configuration.limits.connect)); check "
                    + "the network and that port \(HostAddress.defaultPort) is not blocked.")
            connectFailed(error, target, needsDisconnect: true, at: now)
        case .subscribing(let target, let until) where time >= until:
            act(.cancelLinkOperation)
            subscribeFailed(
                TransportError(.timedOut, "\(targetName(target)) did not confirm the subscriptions in time."),
                target,
                at: now)
        case .registering: tickRegistration(at: now)
        case .syncing, .online: tickLive(at: now)
        case .draining(let until) where time >= until: close(then: .connect, at: now)
        case .closing(let afterwards, let until) where time >= until:
            act(.cancelLinkOperation)
            proceed(afterwards, at: now)
        case .waiting(let until) where time >= until: beginAttempt(at: now)
        case .stopping(let until):
            if time >= until { close(then: .stop, at: now) } else { tickReports(at: now) }
        default: break
        }
    }

    private mutating func tickLive(at now: Now) {
        let time = now.monotonic
        if let stableAt, time >= stableAt { failures.reset() }
        if let oldest = ledger.oldest, time >= oldest.advanced(by: configuration.limits.acknowledgement) {
            let limit = Self.text(configuration.limits.acknowledgement)
            let text = "The hub has not acknowledged a message for \(limit); connecting anew."
            fail(.messagesUnacknowledged, text, needsDisconnect: true, at: now)
            return
        }
        if let renewAt, time >= renewAt {
            beginRenewal(at: now)
            return
        }
        tickTwin(at: now)
        if isUp { tickReports(at: now) }
    }

    /// Takes the end of a connection that nobody here asked for.
    mutating func closed(_ error: TransportError, at now: Now) {
        switch phase {
        case .subscribing(let target, _): lost(error, isHub: target == .hub, at: now)
        case .registering: lost(error, isHub: false, at: now)
        case .syncing, .online: lost(error, isHub: true, at: now)
        case .draining:
            // A new connection is due anyway, and whoever waits for the renewal waits for that one.
            twin.reset()
            reports.suspend()
            beginAttempt(at: now)
        case .stopping: finish()
        case .idle, .connecting, .closing, .waiting, .stopped: break
        }
    }

    /// Judges the end of a connection: an accident, or one in a row of many.
    ///
    /// All that a client sees of another one with its identity is that the hub closes the connection soon after it
    /// began (protocol reference 4.2), and a used-up daily quota looks the same. So it takes a row of such ends with
    /// nothing else between them, each before the connection was stable; one may be maintenance of the hub.
    private mutating func lost(_ error: TransportError, isHub: Bool, at now: Now) {
        if let stableAt, now.monotonic >= stableAt { failures.reset() }
        if isHub, !isUp { noteHubFailure(.hub) }
        let isShort = isHub && error.code == .connectionLost
        if isShort { failures.countShortSession() }
        guard isShort, failures.shortSessions >= configuration.counts.shortSessions else {
            fail(.connectionLost, error.message, endsSession: isShort, at: now)
            return
        }
        fail(
            .identityInUse,
            "The hub ended \(failures.shortSessions) connections in a row soon after they began: another program "
                + "uses the device id \(assignment?.deviceID ?? ""), or the hub's daily quota is used up. Stop the "
                + "other program or give it an identity of its own, and check the quota.",
            endsSession: true, at: now)
    }

    mutating func subscribeFailed(_ error: TransportError, _ target: Target, at now: Now) {
        if error.code == .connectionLost || error.code == .notConnected {
            // The end of the connection, met by the subscription before the connection told of it itself.
            let text = "\(targetName(target)) closed the connection before it granted the subscriptions."
            return lost(TransportError(.connectionLost, text), isHub: target == .hub, at: now)
        }
        noteHubFailure(target)
        fail(.subscriptionFailed, error.message, needsDisconnect: true, at: now)
    }

    /// Decides how an attempt that failed is repeated (protocol reference 4.1, 11.5 and 12).
    mutating func connectFailed(_ error: TransportError, _ target: Target, needsDisconnect: Bool, at now: Now)
    {
        var sentence = error.message
        if case .refused(let code) = error.code {
            sentence = Self.refusal(code, by: targetName(target))
            noteRefusal(code, by: target)
        }
        noteHubFailure(target)
        fail(
            FailureCause(connectFailure: error.code), sentence, needsDisconnect: needsDisconnect, at: now)
    }

    /// Goes offline with a reason; when the next attempt comes follows from the cause.
    ///
    /// - Parameters:
    ///   - endsSession: whether the other end closed a connection to the hub.
    ///   - pause: what the service asked for; the wait is not shorter.
    mutating func fail(
        _ cause: FailureCause, _ sentence: String, needsDisconnect: Bool = false, endsSession: Bool = false,
        pause: Duration = .zero, at now: Now
    ) {
        // DPS did not help, so the known hub gets its turn again.
        if asksProvisioning, !isHubAttempt { turnBackToHub() }
        let count = failures.count(cause, endsSession: endsSession)
        let delay = max(pause, configuration.backoff.delay(after: cause, failures: count, random: random()))
        let until = now.monotonic.advanced(by: delay)
        isRenewing = false
        liveSince = nil
        twin.reset()
        failReports()
        registration = Registration()
        let text = [Self.sentence(sentence), cause.advice, "Next attempt in \(Self.text(delay))."]
        enter(
            .offline, text.compactMap(\.self).joined(separator: " "), level: Self.level(cause, count: count))
        if needsDisconnect {
            close(then: .wait(until: until), at: now)
        } else {
            phase = .waiting(until: until)
        }
    }

    /// Whether the attempt that just failed was for the hub.
    private var isHubAttempt: Bool {
        switch phase {
        case .connecting(.provisioning, _), .subscribing(.provisioning, _), .registering: false
        default: true
        }
    }

    /// How loud a failure is: an outage of days must not fill the log.
    ///
    /// The first of a kind is said, then the second, fourth, eighth and so on.
    private static func level(_ cause: FailureCause, count: Int) -> Logger.Level {
        let isHopeless = BackoffPolicy.isHopeless(cause, failures: count)
        let number = isHopeless ? count - BackoffPolicy.rule(for: cause).quickTries : count
        let isSaid = cause == .identityInUse ? number == 1 : number & (number - 1) == 0
        guard isSaid else { return .debug }
        return cause == .tls || isHopeless ? .error : .warning
    }
}
