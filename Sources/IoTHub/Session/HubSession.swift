// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Logging
import Quantities
import Secrets

/// The connection to the hub as a machine without I/O: event in, actions out, time as an argument.
///
/// One life of a connection: (register with DPS →) connect → subscribe → sync the twin → online → renew the token or
/// lose the connection → again, until stopped. `HubClient` carries the actions out and feeds the results back.
struct HubSession: Sendable {
    typealias Instant = ContinuousClock.Instant

    let configuration: HubClientConfiguration
    let random: @Sendable () -> UInt64

    var phase = Phase.idle
    /// Counts link operations; the result of an older one is ignored.
    var step = 0
    /// The hub to use; forgotten where the hub refuses this device.
    var assignment: HubAssignment?
    /// Whether DPS is to be asked although a hub is known, because that hub cannot be reached.
    var asksProvisioning = false
    /// Whether calls wait because a new connection is expected at once.
    var isRenewing = false
    /// Counts renewals, so that a publish which fails can tell whether one cut it off.
    var renewals = 0
    var failures = FailureCounts()
    var renewAt: Instant?
    /// Since when the hub has been connected; a planned renewal does not interrupt that.
    var liveSince: Instant?
    /// Connections to the hub since the start, renewals among them.
    var sessions = 0
    var twin = TwinSync()
    var reports = ReportQueue()
    var registration = Registration()
    var ledger = PublishLedger()
    /// Requests without answer in a row, of twin reads and reports together.
    var silences = 0
    /// Calls that came before the subscriptions were confirmed.
    var earlyCommands: [CommandRequest] = []
    private var requestCount: UInt64 = 0
    private var actions: [Action] = []
    private(set) var state = ConnectionState.idle
    private(set) var reason = "Not started."

    init(configuration: HubClientConfiguration, random: @escaping @Sendable () -> UInt64) {
        self.configuration = configuration
        self.random = random
    }

    /// Takes one event and says what to do, in order.
    mutating func handle(_ event: Event, at now: Now) -> [Action] {
        switch event {
        case .recalled(let cached): recall(cached)
        case .start: if phase == .idle { beginAttempt(at: now) }
        case .stop: stop(at: now)
        case .pause(let until): pause(until: until, at: now)
        case .resume: resume(at: now)
        case .tick: tick(at: now)
        case .clockWasSet: clockWasSet(at: now)
        case .connected, .connectFailed, .subscribed, .subscribeFailed, .disconnected:
            linkResult(event, at: now)
        case .closed(let error): closed(error, at: now)
        case .message(let topic, let payload): receive(topic: topic, payload: payload, at: now)
        case .requestFailed(let requestID, let error): requestFailed(requestID, error, at: now)
        case .publishesDrained: continueIfDrained(at: now)
        case .report(let id, let payload): enqueueReport(id: id, payload: payload, at: now)
        case .reportCancelled(let id): cancelReport(id: id, at: now)
        case .readerBehind: twinReaderBehind(at: now)
        }
        defer { actions = [] }
        return actions
    }

    /// When `tick` is due, or `nil` where nothing is waited for.
    var nextDeadline: Instant? {
        switch phase {
        case .idle, .stopped: nil
        case .connecting(_, let until), .subscribing(_, let until), .draining(let until),
            .closing(_, let until),
            .waiting(let until):
            until
        case .registering: registration.deadline
        case .stopping(let until): [until, reports.deadline].compactMap(\.self).min()
        case .syncing, .online:
            [
                renewAt, failures.isClear ? nil : stableAt, twin.deadline, reports.deadline,
                ledger.oldest?.advanced(by: configuration.limits.acknowledgement),
            ].compactMap(\.self).min()
        }
    }

    /// Whether the hub is connected and nothing is about to change that.
    var isUp: Bool { phase == .syncing || phase == .online }

    /// Whether a publish may go out now.
    var gate: Gate {
        switch phase {
        case .syncing, .online: .open
        case .stopping, .stopped:
            .closed(HubError(.stopped, "The hub client was stopped; nothing more can be sent."))
        case .closing(.stop, _):
            .closed(HubError(.stopped, "The hub client was stopped; nothing more can be sent."))
        case _ where isRenewing: .wait
        default:
            .closed(HubError(.offline, "There is no connection to the hub: \(reason)"))
        }
    }

    /// When the next attempt to connect begins, where one is waited for.
    var nextAttempt: Instant? {
        switch phase {
        case .waiting(let until), .closing(.wait(let until), _): until
        default: nil
        }
    }

    var stableAt: Instant? { liveSince?.advanced(by: configuration.limits.stable) }

    mutating func act(_ action: Action) { actions.append(action) }

    mutating func enter(_ state: ConnectionState, _ reason: String, level: Logger.Level = .info) {
        guard state != self.state || reason != self.reason else { return }
        self.state = state
        self.reason = reason
        act(.log(level, reason))
        act(.emit(.state(state, reason: reason)))
    }

    mutating func nextRequestID() -> String {
        requestCount += 1
        return String(requestCount, radix: 16)
    }
}

extension HubSession {
    /// What happened.
    enum Event: Sendable {
        /// A hub that an earlier run was assigned to; before `start`.
        case recalled(CachedAssignment)
        case start, stop, tick
        /// The civil time was set far, or has become right.
        case clockWasSet
        /// Disconnect and stay away until then or ``resume``.
        case pause(until: Instant)
        case resume
        case connected(step: Int), connectFailed(step: Int, TransportError)
        case subscribed(step: Int), subscribeFailed(step: Int, TransportError)
        case disconnected(step: Int)
        case closed(TransportError)
        case message(topic: String, payload: [UInt8])
        case requestFailed(requestID: String, TransportError)
        /// The last publish under way has ended.
        case publishesDrained
        case report(id: UInt64, payload: [UInt8]), reportCancelled(id: UInt64)
        /// A twin or patch found no room at its reader.
        case readerBehind
    }

    /// What to do.
    enum Action: Sendable {
        case connect(HubCredentials, step: Int)
        case subscribe([String], step: Int)
        case disconnect(step: Int)
        /// Ends a connect, subscribe or disconnect that takes too long.
        case cancelLinkOperation
        case publish(topic: String, payload: [UInt8], requestID: String)
        case emit(HubClientEvent)
        case finishReport(id: UInt64, Result<Int, HubError>)
        case saveAssignment(CachedAssignment), forgetAssignment
        case log(Logger.Level, String)
        /// Nothing follows any more.
        case finished
    }

    /// Where the connection stands; each case names its exits.
    ///
    /// `stop` leads from all to closing or stopped.
    enum Phase: Equatable, Sendable {
        /// Exits: start → connecting, or waiting where the clock is not set.
        case idle
        /// Exits: connected → subscribing; failed → waiting; too late → closing(wait).
        case connecting(Target, until: Instant)
        /// Exits: granted → syncing or registering; refused or too late → closing(wait); connection lost → waiting.
        case subscribing(Target, until: Instant)
        /// Exits: assigned → closing(connect); any failure → closing(wait); connection lost → waiting.
        case registering
        /// Messages flow and the twin is being read. Exits: read → online; token old → draining; connection lost →
        /// waiting; no answers or nothing acknowledged → closing(wait).
        case syncing
        /// Exits: token old → draining; connection lost → waiting; no answers or nothing acknowledged → closing(wait).
        case online
        /// Exits: nothing under way or too late → closing(connect); connection lost → connecting.
        case draining(until: Instant)
        /// Exits: disconnected or too late → what follows it.
        case closing(Afterwards, until: Instant)
        /// Exits: time over → connecting.
        case waiting(until: Instant)
        /// Exits: nothing under way or too late → closing(stop); connection lost → stopped.
        case stopping(until: Instant)
        /// No exit.
        case stopped
    }

    /// Which service a connection is for.
    enum Target: Equatable, Sendable {
        case provisioning, hub
    }

    /// What follows a DISCONNECT.
    enum Afterwards: Equatable, Sendable {
        case connect, stop
        case wait(until: Instant)
    }

    /// What a publish has to do first.
    enum Gate: Sendable {
        case open, wait
        case closed(HubError)
    }
}

/// A hub, the device's name there and its key; no key for a device with a certificate.
struct HubAssignment: Equatable, Sendable {
    var hub: HostAddress
    var deviceID: String
    var gateway: HostAddress?
    var key: Secret?
}
