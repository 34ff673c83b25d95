// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Logging
import Quantities
import Secrets
import Simulation
import TestClocks
import Testing

@testable import IoTHub

/// A session without a client around it, fed with events by name.
struct SessionScript {
    typealias Event = HubSession.Event

    let time = SteppedTime(wall: .beginning)
    var session: HubSession
    /// What the latest event made it do.
    private(set) var actions: [HubSession.Action] = []

    var now: Now { time.now() }

    /// Makes a session that provisions itself, or one with a connection string.
    init(provisions: Bool = false, change: (inout HubClientConfiguration) -> Void = { _ in }) throws {
        var configuration = try ClientHarness.configuration()
        if provisions { configuration.identity = try Self.provisioning() }
        change(&configuration)
        session = HubSession(configuration: configuration, random: SeededGenerator.source(seed: 3))
    }

    static func settings(
        registrationID: String = "reg-1", key: String = ClientHarness.key
    ) throws -> ProvisioningSettings {
        try ProvisioningSettings(
            endpoint: HostAddress(parsing: "dps.example"), idScope: "0ne00ABCDEF",
            registrationID: registrationID,
            credential: .deviceKey(Secret(key)))
    }

    private static func provisioning() throws -> HubIdentity { .provisioning(try settings()) }

    mutating func feed(_ event: Event) { actions = session.handle(event, at: now) }

    /// Moves the clock to what the session waits for, and lets it act.
    mutating func due() throws {
        time.advance(to: try #require(session.nextDeadline))
        feed(.tick)
    }

    mutating func advance(_ duration: Duration) { time.advance(to: now.monotonic.advanced(by: duration)) }

    mutating func connected() { feed(.connected(step: session.step)) }

    mutating func connectFails(_ code: TransportError.Code, _ text: String = "it failed") {
        feed(.connectFailed(step: session.step, TransportError(code, text)))
    }

    mutating func granted() { feed(.subscribed(step: session.step)) }

    mutating func disconnected() { feed(.disconnected(step: session.step)) }

    mutating func lost(_ code: TransportError.Code = .connectionLost) {
        feed(.closed(TransportError(code, "the server closed the connection")))
    }

    /// Answers the twin read under way.
    mutating func twinArrives() throws {
        guard case .requested(let requestID, _) = session.twin.state else {
            Issue.record("no twin read is under way")
            return
        }
        feed(
            .message(
                topic: "$iothub/twin/res/200/?$rid=\(requestID)",
                payload: Array(#"{"desired":{"$version":1},"reported":{"$version":1}}"#.utf8)))
    }

    /// Answers the registration request under way.
    mutating func registrationIsAnswered(
        _ status: Int = 200, retryAfter: Int? = nil,
        _ body: String =
            #"{"status":"assigned","registrationState":{"assignedHub":"hub-1.example","deviceId":"dev-7"}}"#
    ) {
        guard case .asked(let requestID, _) = session.registration.step else {
            Issue.record("no registration is under way")
            return
        }
        let suffix = retryAfter.map { "&retry-after=\($0)" } ?? ""
        feed(
            .message(
                topic: "$dps/registrations/res/\(status)/?$rid=\(requestID)\(suffix)",
                payload: Array(body.utf8)))
    }

    /// From a connect under way to online.
    mutating func goOnline() throws {
        connected()
        granted()
        try twinArrives()
    }

    /// From a connect to DPS under way to a connect to the assigned hub under way.
    mutating func getAssigned() {
        connected()
        granted()
        registrationIsAnswered()
        disconnected()
    }

    /// The hub or DPS that is being dialled, where one is.
    var dialled: String? {
        for case .connect(let credentials, _) in actions { return credentials.host }
        return nil
    }

    /// When the token of the connect that was just begun ends, seconds since 1970.
    var expiry: Int64? {
        for case .connect(let credentials, _) in actions {
            return credentials.password?.reveal().split(separator: "&se=").last.flatMap { Int64($0) }
        }
        return nil
    }

    /// The wait that the session is in, where it is in one.
    var wait: Duration? { session.nextAttempt.map { $0 - now.monotonic } }

    /// What was logged at this level or above.
    func logged(_ level: Logger.Level) -> [String] {
        actions.compactMap {
            if case .log(let found, let text) = $0, found >= level { text } else { nil }
        }
    }

    /// The phase without times; `dps` marks what is for the provisioning service.
    var phase: String {
        switch session.phase {
        case .connecting(.provisioning, _): "connecting dps"
        case .subscribing(.provisioning, _): "subscribing dps"
        case .closing(.connect, _): "closing, connect"
        case .closing(.stop, _): "closing, stop"
        case .closing(.wait, _): "closing, wait"
        default: String("\(session.phase)".prefix { $0 != "(" })
        }
    }
}
