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
        case .live: tickLive(at: now)
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
        if let stableAt, time >= stableAt { failures.inARow = 0 }
        if let oldest = ledger.oldest, time >= oldest.advanced(by: configuration.limits.acknowledgement) {
            let limit = Self.text(configuration.limits.acknowledgement)
            failLink("The hub has not acknowledged a message for \(limit); connecting anew.", at: now)
            return
        }
        if let renewAt, time >= renewAt {
            beginRenewal(at: now)
            return
        }
        tickTwin(at: now)
        if phase == .live { tickReports(at: now) }
    }

    /// Takes the end of a connection that nobody here asked for.
    mutating func closed(_ error: TransportError, at now: Now) {
        switch phase {
        case .subscribing, .registering: lost(error, at: now)
        case .live:
            if let stableAt, now.monotonic >= stableAt { failures.inARow = 0 }
            lost(error, at: now)
        case .draining:
            // A new connection is due anyway, and whoever waits for the renewal waits for that one.
            twin.reset()
            reports.suspend()
            liveSince = nil
            beginAttempt(at: now)
        case .stopping: finish()
        case .idle, .connecting, .closing, .waiting, .stopped: break
        }
    }

    private mutating func lost(_ error: TransportError, at now: Now) {
        failures.inARow += 1
        var sentence = Self.sentence(error.message)
        if let liveSince, now.monotonic < liveSince.advanced(by: .seconds(10)) {
            sentence +=
                " It ended right after it began: another program may use the same device id, or the hub's "
                + "daily quota may be used up."
        }
        fail(
            sentence, delay: configuration.backoff.delay(afterFailures: failures.inARow, random: random()),
            level: .warning, at: now)
    }

    /// Gives a connection up that looks up but is of no use.
    mutating func failLink(_ sentence: String, at now: Now) {
        failures.inARow += 1
        let delay = configuration.backoff.delay(afterFailures: failures.inARow, random: random())
        fail(sentence, delay: delay, level: .warning, needsDisconnect: true, at: now)
    }

    mutating func subscribeFailed(_ error: TransportError, _ target: Target, at now: Now) {
        failures.inARow += 1
        noteHubFailure(target)
        fail(
            error.message,
            delay: configuration.backoff.delay(afterFailures: failures.inARow, random: random()),
            level: .warning, needsDisconnect: true, at: now)
    }

    /// Decides how an attempt that failed is repeated (protocol reference 4.1, 11.5 and 12).
    mutating func connectFailed(_ error: TransportError, _ target: Target, needsDisconnect: Bool, at now: Now)
    {
        failures.inARow += 1
        var sentence = error.message
        var isHopeless = false
        switch error.code {
        case .refused(let code):
            sentence = Self.refusal(code, by: targetName(target))
            isHopeless = refused(code, by: target)
        case .tls:
            failures.trust += 1
            // The first time it may be a handshake that was cut off; a wrong certificate stays wrong.
            isHopeless = failures.trust > 1
        case .localConfiguration: isHopeless = true
        default: break
        }
        noteHubFailure(target)
        let delay =
            isHopeless
            ? configuration.backoff.slowDelay(random: random())
            : configuration.backoff.delay(afterFailures: failures.inARow, random: random())
        let isLoud = isHopeless || error.code == .tls
        fail(
            sentence, delay: delay, level: isLoud ? .error : .warning, needsDisconnect: needsDisconnect,
            at: now)
    }

    /// Counts a refusal; returns whether the same credentials have no prospect for now.
    private mutating func refused(_ code: UInt8, by target: Target) -> Bool {
        guard (1...5).contains(code), code != 3 else { return false }
        guard target == .hub else { return true }
        failures.refusals += 1
        // A fresh token gets one chance: the old one may have been made by a clock that was wrong.
        if code == 5, failures.refusals == 1 { return false }
        guard usesProvisioning else { return true }
        forgetAssignment()
        return false
    }

    private mutating func noteHubFailure(_ target: Target) {
        guard target == .hub, usesProvisioning, assignment != nil else { return }
        failures.sinceAssignment += 1
        if failures.sinceAssignment >= 10 { forgetAssignment() }
    }

    private mutating func forgetAssignment() {
        assignment = nil
        failures.refusals = 0
        failures.sinceAssignment = 0
    }

    private var usesProvisioning: Bool {
        if case .provisioning = configuration.identity { true } else { false }
    }

    /// Goes offline with a reason; the next attempt comes after `delay`.
    mutating func fail(
        _ sentence: String, delay: Duration, level: Logger.Level, needsDisconnect: Bool = false, at now: Now
    ) {
        isRenewing = false
        liveSince = nil
        twin.reset()
        failReports()
        registration = Registration()
        enter(.offline, "\(Self.sentence(sentence)) Next attempt in \(Self.text(delay)).", level: level)
        let until = now.monotonic.advanced(by: delay)
        if needsDisconnect {
            close(then: .wait(until: until), at: now)
        } else {
            phase = .waiting(until: until)
        }
    }
}
