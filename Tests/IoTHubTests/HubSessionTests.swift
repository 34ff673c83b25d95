// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Secrets
import Testing

@testable import IoTHub

/// The session as a table: state, event, next state.
@Suite struct HubSessionTests {
    typealias Event = HubSession.Event
    typealias Phase = HubSession.Phase

    private let time = VirtualTime()
    private var now: Now { time.now() }

    private func makeSession() throws -> HubSession {
        HubSession(configuration: try ClientHarness.configuration(), random: SplitMix.source(seed: 3))
    }

    /// The name of a phase without what it carries.
    private func name(_ session: HubSession) -> String {
        switch session.phase {
        case .closing(.connect, _): "closing(connect)"
        case .closing(.stop, _): "closing(stop)"
        case .closing(.wait, _): "closing(wait)"
        default: String("\(session.phase)".prefix { $0 != "(" })
        }
    }

    /// Brings a new session to a phase by events alone.
    private func session(in phase: String) throws -> HubSession {
        var session = try makeSession()
        func feed(_ event: Event) { _ = session.handle(event, at: now) }
        if phase == "idle" { return session }
        feed(.start)
        if phase == "connecting" { return session }
        if phase == "waiting" {
            feed(.connectFailed(step: session.step, TransportError(.unreachable, "x")))
            return session
        }
        feed(.connected(step: session.step))
        if phase == "subscribing" { return session }
        if phase == "closing(wait)" {
            feed(.subscribeFailed(step: session.step, TransportError(.subscriptionRefused, "x")))
            return session
        }
        feed(.subscribed(step: session.step))
        if phase == "live" { return session }
        if phase == "draining" || phase == "closing(connect)" {
            time.advance(to: try #require(session.renewAt))
            if phase == "draining" { _ = session.ledger.begin(at: now.monotonic) }
            feed(.tick)
        } else if phase == "stopping" {
            _ = session.ledger.begin(at: now.monotonic)
            feed(.stop)
        } else if phase == "closing(stop)" {
            feed(.stop)
        } else if phase == "stopped" {
            feed(.stop)
            feed(.disconnected(step: session.step))
        }
        return session
    }

    private static let phases = [
        "idle", "connecting", "subscribing", "live", "draining", "closing(connect)", "closing(wait)",
        "closing(stop)",
        "waiting", "stopping", "stopped",
    ]

    @Test("Every phase is reached by events", arguments: phases)
    func reach(phase: String) throws {
        #expect(name(try session(in: phase)) == phase)
    }

    @Test(
        "The end of the connection leads on",
        arguments: [
            ("idle", "idle"), ("connecting", "connecting"), ("subscribing", "waiting"), ("live", "waiting"),
            ("draining", "connecting"), ("closing(connect)", "closing(connect)"),
            ("closing(wait)", "closing(wait)"),
            ("closing(stop)", "closing(stop)"), ("waiting", "waiting"), ("stopping", "stopped"),
            ("stopped", "stopped"),
        ])
    func closed(from: String, to: String) throws {
        var session = try session(in: from)
        _ = session.handle(.closed(TransportError(.connectionLost, "x")), at: now)
        #expect(name(session) == to)
    }

    @Test(
        "Stop leads to an end from everywhere",
        arguments: [
            ("idle", "stopped"), ("connecting", "closing(stop)"), ("subscribing", "closing(stop)"),
            ("live", "closing(stop)"), ("draining", "stopping"), ("closing(connect)", "closing(stop)"),
            ("closing(wait)", "closing(stop)"), ("closing(stop)", "closing(stop)"), ("waiting", "stopped"),
            ("stopping", "stopping"), ("stopped", "stopped"),
        ])
    func stop(from: String, to: String) throws {
        var session = try session(in: from)
        let before = time.elapsed
        _ = session.handle(.stop, at: now)
        #expect(name(session) == to)
        // Whatever hangs, two limits later it has ended.
        for _ in 0..<2 {
            guard let deadline = session.nextDeadline else { break }
            time.advance(to: deadline)
            _ = session.handle(.tick, at: now)
        }
        #expect(name(session) == "stopped")
        #expect(time.elapsed - before <= .seconds(3))
    }

    @Test(
        "A pause disconnects from everywhere and lasts; its end, or its time, leads to a new connection",
        arguments: [
            ("connecting", "closing(wait)"), ("subscribing", "closing(wait)"), ("live", "closing(wait)"),
            ("draining", "closing(wait)"), ("closing(connect)", "closing(wait)"),
            ("closing(wait)", "closing(wait)"), ("waiting", "waiting"),
        ])
    func pause(from: String, to: String) throws {
        for resumes in [true, false] {
            var session = try session(in: from)
            let end = now.monotonic.advanced(by: .seconds(90))
            _ = session.handle(.pause(until: end), at: now)
            #expect(name(session) == to)
            #expect(session.state == .offline)
            _ = session.handle(.disconnected(step: session.step), at: now)
            #expect(session.phase == .waiting(until: end))
            if !resumes { time.advance(to: end) }
            _ = session.handle(resumes ? .resume : .tick, at: now)
            #expect(name(session) == "connecting")
        }
    }

    @Test(
        "Neither a pause nor its end brings back what was stopped",
        arguments: ["closing(stop)", "stopping", "stopped"])
    func pauseAfterStop(phase: String) throws {
        var session = try session(in: phase)
        _ = session.handle(.pause(until: now.monotonic.advanced(by: .seconds(90))), at: now)
        _ = session.handle(.resume, at: now)
        #expect(name(session) == phase)
    }

    @Test(
        "Time leads on from every phase that waits",
        arguments: [
            ("connecting", "closing(wait)"), ("subscribing", "closing(wait)"),
            ("draining", "closing(connect)"),
            ("closing(connect)", "connecting"), ("closing(wait)", "waiting"), ("closing(stop)", "stopped"),
            ("waiting", "connecting"), ("stopping", "closing(stop)"),
        ])
    func tick(from: String, to: String) throws {
        var session = try session(in: from)
        let early = try #require(session.nextDeadline)
        _ = session.handle(.tick, at: now)
        #expect(name(session) == from, "a tick before its time changes nothing")
        time.advance(to: early)
        _ = session.handle(.tick, at: now)
        #expect(name(session) == to)
    }

    @Test("The result of an older operation is ignored", arguments: phases)
    func stale(phase: String) throws {
        var session = try session(in: phase)
        let error = TransportError(.timedOut, "x")
        let events: [Event] = [
            .connected(step: session.step - 1), .connectFailed(step: session.step - 1, error),
            .subscribed(step: session.step - 1), .subscribeFailed(step: session.step - 1, error),
            .disconnected(step: session.step - 1), .start,
        ]
        for event in phase == "idle" ? Array(events.dropLast()) : events {
            #expect(session.handle(event, at: now).isEmpty)
            #expect(name(session) == phase)
        }
    }

    @Test("The count of failures starts again only when a connection was up for a minute")
    func stable() throws {
        var session = try makeSession()
        _ = session.handle(.start, at: now)
        for _ in 0..<5 {
            _ = session.handle(.connected(step: session.step), at: now)
            _ = session.handle(.subscribed(step: session.step), at: now)
            time.advance(to: now.monotonic.advanced(by: .seconds(5)))
            _ = session.handle(.closed(TransportError(.connectionLost, "x")), at: now)
            time.advance(to: try #require(session.nextDeadline))
            _ = session.handle(.tick, at: now)
        }
        #expect(session.failures.inARow == 5)
        _ = session.handle(.connected(step: session.step), at: now)
        _ = session.handle(.subscribed(step: session.step), at: now)
        time.advance(to: now.monotonic.advanced(by: .seconds(60)))
        _ = session.handle(.closed(TransportError(.connectionLost, "x")), at: now)
        #expect(session.failures.inARow == 1)
    }

    @Test("A token is never older than its renewal, for lifetimes of a second to days", arguments: 0..<200)
    func renewalMargin(seed: UInt64) throws {
        var configuration = try ClientHarness.configuration()
        var generator = SplitMix(seed: seed)
        configuration.tokenLifetime = .milliseconds(Int64.random(in: 1_000...259_200_000, using: &generator))
        var session = HubSession(configuration: configuration, random: SplitMix.source(seed: seed))
        let actions = session.handle(.start, at: now)
        let credentials = actions.compactMap { action -> HubCredentials? in
            if case .connect(let credentials, _) = action { credentials } else { nil }
        }
        let token = try #require(credentials.first?.password?.reveal())
        let expiry = try #require(token.split(separator: "&se=").last.flatMap { Int64($0) })
        let lifetime = configuration.tokenLifetime
        let renewal = try #require(session.renewAt) - now.monotonic
        let margin = min(.seconds(120), lifetime * 0.2)
        #expect(renewal <= lifetime - margin + .milliseconds(1))
        #expect(renewal >= lifetime - margin * 1.5 - .milliseconds(1))
        let wall = try #require(now.wall).advanced(by: renewal)
        #expect(wall.millisecondsSince1970 < expiry * 1_000)
    }

    @Test(
        "No sequence of events crashes it, asks for time in the past, or loses a report", arguments: 0..<300)
    func fuzz(seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        var session = HubSession(
            configuration: try ClientHarness.configuration(), random: SplitMix.source(seed: seed))
        var open: Set<UInt64> = []
        for step in 0..<400 {
            time.advance(
                to: now.monotonic.advanced(by: .milliseconds(Int64.random(in: 0...3_000, using: &generator))))
            var event = Self.randomEvent(step: session.step, number: UInt64(step), using: &generator)
            // Stopping too soon would leave nothing to try.
            if case .stop = event, step < 300 { event = .tick }
            if case .report(let id, _) = event { open.insert(id) }
            for action in session.handle(event, at: now) {
                if case .finishReport(let id, _) = action { #expect(open.remove(id) != nil, "once only") }
            }
            if case .reportCancelled(let id) = event { open.remove(id) }
            _ = session.handle(.tick, at: now)
        }
        _ = session.handle(.stop, at: now)
        for _ in 0..<3 where session.nextDeadline != nil {
            time.advance(to: try #require(session.nextDeadline))
            for action in session.handle(.tick, at: now) {
                if case .finishReport(let id, _) = action { open.remove(id) }
            }
        }
        #expect(name(session) == "stopped")
    }

    private static func randomEvent(step: Int, number: UInt64, using generator: inout SplitMix) -> Event {
        let codes: [TransportError.Code] = [
            .nameNotResolved, .tls, .refused(returnCode: UInt8.random(in: 0...7, using: &generator)),
            .connectionLost,
            .timedOut, .overflow, .localConfiguration,
        ]
        let error = TransportError(codes.randomElement(using: &generator) ?? .tls, "x")
        return switch Int.random(in: 0..<16, using: &generator) {
        case 0: .start
        case 1: .stop
        case 2, 3, 4: .connected(step: step)
        case 5: .connectFailed(step: step, error)
        case 6, 7, 8: .subscribed(step: step)
        case 9: .subscribeFailed(step: step, error)
        case 10: .disconnected(step: step)
        case 11: .closed(error)
        case 12: .report(id: number, payload: [])
        case 13: .reportCancelled(id: number &- 3)
        case 14: .readerBehind
        default: .message(topic: randomTopic(using: &generator), payload: randomPayload(using: &generator))
        }
    }

    private static func randomTopic(using generator: inout SplitMix) -> String {
        let parts = [
            "$iothub/twin/res/", "200", "204", "429", "/?$rid=", "1", "2", "3", "&$version=",
            "9223372036854775807",
            "-1", "$iothub/methods/POST/", "a*b", "%", "%ff", "*", "$iothub/twin/PATCH/properties/desired/",
            "?$version=",
            "devices/dev1/messages/devicebound/", "$dps/registrations/res/", "&retry-after=", "=", "&", "/",
            "\u{0}", "é",
        ]
        return (0..<Int.random(in: 1...6, using: &generator))
            .map { _ in parts.randomElement(using: &generator) ?? "" }.joined()
    }

    private static func randomPayload(using generator: inout SplitMix) -> [UInt8] {
        let texts = [
            "", "{}", "null", #"{"desired":{"$version":3},"reported":{}}"#,
            #"{"$version":9223372036854775807}"#, "[",
            #"{"desired":{"$version":-5}}"#, #"{"errorCode":1e999}"#, "\u{0}", #"{"status":"assigned"}"#,
        ]
        return Array((texts.randomElement(using: &generator) ?? "").utf8)
    }
}
