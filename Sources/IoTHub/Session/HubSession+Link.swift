// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Logging
import Quantities
import Secrets

extension HubSession {
    /// Dials the hub, or DPS where no hub is known; waits where the clock cannot be right.
    mutating func beginAttempt(at now: Now) {
        // Whoever called on the connection before waits no more; a reboot must not come hours later.
        earlyCommands = []
        guard let wall = now.wall, now.wallIsTrusted else {
            enter(
                .offline,
                "The clock is not set, and tokens and certificates need it; enable a time service "
                    + "(timedatectl set-ntp true). Looking again every 5 s.", level: .warning)
            isRenewing = false
            liveSince = nil
            failReports()
            phase = .waiting(until: now.monotonic.advanced(by: .seconds(5)))
            return
        }
        do throws(IdentityError) {
            let (target, credentials) = try credentials(wall: wall, now: now)
            announceAttempt(target)
            step += 1
            phase = .connecting(target, until: now.monotonic.advanced(by: configuration.limits.connect))
            act(.connect(credentials, step: step))
        } catch {
            fail(.localConfiguration, error.message, at: now)
        }
    }

    private mutating func announceAttempt(_ target: Target) {
        // An outage of days must not fill the log: of later attempts only the failures are said, and not each.
        let level = failures.inARow == 0 ? Logger.Level.info : .debug
        switch (target, isRenewing) {
        case (_, true): break
        case (.provisioning, false):
            enter(
                .provisioning,
                asksProvisioning
                    ? "Asking the provisioning service whether the device has moved to another hub."
                    : "Registering with the provisioning service.", level: level)
        case (.hub, false):
            enter(
                .connecting, "Connecting to \(assignment?.hub.description ?? "the hub").", level: level)
        }
    }

    private mutating func credentials(
        wall: WallTime, now: Now
    ) throws(IdentityError) -> (Target, HubCredentials) {
        let lifetime = tokenLifetime
        // Rounded up: a token that lives a fraction of a second less than asked for could expire before its renewal.
        let expiry = wall.advanced(by: lifetime + .milliseconds(999)).millisecondsSince1970 / 1_000
        if case .connectionString(let parts) = configuration.identity, assignment == nil {
            assignment = HubAssignment(
                hub: parts.host, deviceID: parts.deviceID, gateway: parts.gateway, key: parts.proof.key)
        }
        guard let assignment, !asksProvisioning else {
            return (.provisioning, try provisioningCredentials(expiry: expiry))
        }
        let token = try token(for: assignment, expiry: expiry)
        scheduleRenewal(of: token, at: now)
        let dialled = assignment.gateway ?? assignment.hub
        return (
            .hub,
            HubCredentials(
                host: dialled.name, port: dialled.port, clientID: assignment.deviceID,
                userName: UserName.hub(
                    host: assignment.hub.description, deviceID: assignment.deviceID,
                    productInfo: configuration.productInfo, modelID: configuration.modelID),
                password: token, trust: configuration.trust,
                certificate: configuration.identity.certificate, proxy: configuration.proxy,
                keepAlive: configuration.keepAlive, cleanSession: false)
        )
    }

    /// The password for the hub; `nil` for a device with a certificate.
    private func token(for assignment: HubAssignment, expiry: Int64) throws(IdentityError) -> Secret? {
        guard let key = assignment.key else { return nil }
        return try SharedAccessSignature.token(
            resourceURI: "\(assignment.hub)/devices/\(assignment.deviceID)", key: key, expiry: expiry,
            keyName: nil)
    }

    /// The configured lifetime, within what is allowed.
    private var tokenLifetime: Duration {
        let range = HubClientConfiguration.tokenLifetimes
        return min(max(configuration.tokenLifetime, range.lowerBound), range.upperBound)
    }

    /// A token is renewed before it expires; without one there is nothing to renew.
    private mutating func scheduleRenewal(of token: Secret?, at now: Now) {
        let lifetime = tokenLifetime
        let margin = min(.seconds(120), lifetime * 0.2)
        let due = now.monotonic.advanced(by: lifetime - margin - margin * (Backoff.fraction(random()) / 2))
        renewAt = token.map { _ in due }
    }

    /// Takes the result of a connect, subscribe or disconnect, unless a newer one was begun meanwhile.
    mutating func linkResult(_ event: Event, at now: Now) {
        switch (event, phase) {
        case (.connected(step), .connecting(let target, _)): beginSubscribing(target, at: now)
        case (.connectFailed(step, let error), .connecting(let target, _)):
            connectFailed(error, target, needsDisconnect: false, at: now)
        case (.subscribed(step), .subscribing(.hub, _)): goLive(at: now)
        case (.subscribed(step), .subscribing(.provisioning, _)): beginRegistration(at: now)
        case (.subscribeFailed(step, let error), .subscribing(let target, _)):
            subscribeFailed(error, target, at: now)
        case (.disconnected(step), .closing(let afterwards, _)): proceed(afterwards, at: now)
        default: break
        }
    }

    private mutating func beginSubscribing(_ target: Target, at now: Now) {
        if target == .hub, !isRenewing {
            enter(.subscribing, "Subscribing at \(hubName).", level: .debug)
        }
        step += 1
        phase = .subscribing(target, until: now.monotonic.advanced(by: configuration.limits.subscribe))
        var filters: [String]
        switch target {
        case .provisioning: filters = [HubTopic.provisioningResponses]
        case .hub:
            filters = [HubTopic.methodRequests, HubTopic.twinResponses, HubTopic.desiredPatches]
            if configuration.receivesCloudMessages, let assignment {
                filters.append(HubTopic.cloudMessages(deviceID: assignment.deviceID))
            }
        }
        act(.subscribe(filters, step: step))
    }

    private mutating func goLive(at now: Now) {
        phase = .syncing
        liveSince = liveSince ?? now.monotonic
        sessions += 1
        if isRenewing { renewals += 1 }
        isRenewing = false
        failures.refusals = 0
        failures.sinceAssignment = 0
        silences = 0
        enter(
            .syncing, "Connected to \(hubName); reading the device twin. Messages go out meanwhile.",
            level: .debug)
        for command in earlyCommands { act(.emit(.command(command))) }
        earlyCommands = []
        requestTwin(at: now)
        advanceReports(at: now)
    }

    /// Waits until nothing is under way, then exchanges the token; calls wait meanwhile.
    mutating func beginRenewal(at now: Now) {
        isRenewing = true
        enter(.renewing, "Renewing the token.")
        phase = .draining(until: now.monotonic.advanced(by: configuration.limits.drain))
        continueIfDrained(at: now)
    }

    /// Goes on with a renewal or stop as soon as nothing is under way.
    mutating func continueIfDrained(at now: Now) {
        switch phase {
        case .draining where ledger.isEmpty && !reports.isRequestOutstanding: close(then: .connect, at: now)
        case .stopping where ledger.isEmpty && reports.isEmpty: close(then: .stop, at: now)
        default: break
        }
    }

    /// Sends DISCONNECT; what follows happens when that is done or takes too long.
    mutating func close(then afterwards: Afterwards, at now: Now) {
        twin.reset()
        reports.suspend()
        step += 1
        phase = .closing(afterwards, until: now.monotonic.advanced(by: configuration.limits.disconnect))
        act(.disconnect(step: step))
    }

    /// Does what follows a DISCONNECT.
    mutating func proceed(_ afterwards: Afterwards, at now: Now) {
        switch afterwards {
        case .connect: beginAttempt(at: now)
        case .wait(let until): phase = .waiting(until: until)
        case .stop: finish()
        }
    }

    /// Ends the session: at once where there is no connection, else after what is under way, within the limits.
    mutating func stop(at now: Now) {
        isRenewing = false
        switch phase {
        case .idle, .waiting: finish()
        case .connecting, .subscribing, .registering:
            act(.cancelLinkOperation)
            close(then: .stop, at: now)
        case .syncing, .online, .draining:
            phase = .stopping(until: now.monotonic.advanced(by: configuration.limits.drain))
            advanceReports(at: now)
            continueIfDrained(at: now)
        case .closing(_, let until): phase = .closing(.stop, until: until)
        case .stopping, .stopped: break
        }
    }

    mutating func finish() {
        phase = .stopped
        failReports(HubError(.stopped, "The hub client was stopped before the hub confirmed the report."))
        enter(.stopped, "Stopped.")
        act(.finished)
    }

    var hubName: String { assignment?.hub.description ?? "the hub" }
}
