// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Secrets
import Simulation
import TestClocks
import Testing

@testable import IoTHub

/// Counts, token times, and whatever order events come in.
@Suite struct HubSessionTests {
    typealias Event = HubSession.Event

    private let time = SteppedTime(wall: .beginning)
    private var now: Now { time.now() }

    @Test("The count of failures starts again only when a connection was up for a minute")
    func stable() throws {
        var script = try SessionScript()
        script.feed(.start)
        for count in 1...3 {
            try script.goOnline()
            script.advance(.seconds(5))
            script.lost()
            #expect(script.session.failures.inARow == count)
            try script.due()
        }
        try script.goOnline()
        script.advance(.seconds(60))
        script.lost()
        #expect(script.session.failures.inARow == 1)
    }

    @Test("A minute counts over planned renewals, so that short-lived tokens do not keep the count up")
    func stableOverRenewals() throws {
        var script = try SessionScript { $0.tokenLifetime = .seconds(5) }
        script.feed(.start)
        script.connectFails(.unreachable)
        try script.due()
        for _ in 0..<20 {
            try script.goOnline()
            while script.phase == "online" { try script.due() }
            script.disconnected()
        }
        #expect(script.session.renewals == 19)
        #expect(script.session.failures.inARow == 0)
    }

    @Test("Neither renewal nor back-off moves when the wall clock steps by days", arguments: [-3.0, 3.0])
    func wallSteps(days: Double) throws {
        var script = try SessionScript()
        script.feed(.start)
        try script.goOnline()
        let renewal = try #require(script.session.renewAt)
        script.time.stepWall(by: .seconds(days * 86_400))
        #expect(script.session.nextDeadline == renewal)
        script.feed(.tick)
        #expect(script.phase == "online")
        try script.due()
        #expect(script.phase == "closing, connect")
        #expect((.seconds(3_420) ... .seconds(3_480)).contains(script.time.elapsed))
        script.disconnected()
        let wall = try #require(script.now.wall).millisecondsSince1970 / 1_000
        let expiry = try #require(script.expiry)
        #expect((wall + 3_600...wall + 3_601).contains(expiry), "the new token is dated by the new clock")
        script.connectFails(.unreachable)
        let until = script.session.nextDeadline
        script.time.stepWall(by: .seconds(-days * 86_400))
        #expect(script.session.nextDeadline == until)
    }

    @Test(
        "A lifetime out of range counts as the nearest in range",
        arguments: [(-5.0, 1.0), (0, 1), (1e7, 2_592_000)])
    func lifetimeRange(seconds: Double, counts: Double) throws {
        var script = try SessionScript { $0.tokenLifetime = .seconds(seconds) }
        script.feed(.start)
        let renewal = try #require(script.session.renewAt) - script.now.monotonic
        let margin = min(120, counts * 0.2)
        #expect(renewal.seconds <= counts - margin + 0.001)
        #expect(renewal.seconds >= counts - margin * 1.5 - 0.001)
    }

    @Test("A token is never older than its renewal, for lifetimes of a second to days", arguments: 0..<200)
    func renewalMargin(seed: UInt64) throws {
        var configuration = try ClientHarness.configuration()
        var generator = SeededGenerator(seed: seed)
        configuration.tokenLifetime = .milliseconds(Int64.random(in: 1_000...259_200_000, using: &generator))
        var session = HubSession(configuration: configuration, random: SeededGenerator.source(seed: seed))
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
        var generator = SeededGenerator(seed: seed)
        var session = HubSession(
            configuration: try ClientHarness.configuration(), random: SeededGenerator.source(seed: seed))
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
        #expect(session.phase == .stopped)
    }

    private static func randomEvent(step: Int, number: UInt64, using generator: inout SeededGenerator)
        -> Event
    {
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

    private static func randomTopic(using generator: inout SeededGenerator) -> String {
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

    private static func randomPayload(using generator: inout SeededGenerator) -> [UInt8] {
        let texts = [
            "", "{}", "null", #"{"desired":{"$version":3},"reported":{}}"#,
            #"{"$version":9223372036854775807}"#, "[",
            #"{"desired":{"$version":-5}}"#, #"{"errorCode":1e999}"#, "\u{0}", #"{"status":"assigned"}"#,
        ]
        return Array((texts.randomElement(using: &generator) ?? "").utf8)
    }
}
