// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Logging
import Quantities
import Testing

@testable import IoTHub

/// Connections that end soon after they began, several in a row.
@Suite struct ShortSessionTests {
    private func online(_ change: (inout HubClientConfiguration) -> Void = { _ in }) throws -> SessionScript {
        var script = try SessionScript(change: change)
        script.feed(.start)
        try script.goOnline()
        return script
    }

    @Test("The fourth short connection in a row means another client: minutes of wait, said once")
    func fight() throws {
        var script = try online()
        var told = 0
        for count in 1...12 {
            script.advance(.seconds(20))
            script.lost()
            let wait = try #require(script.wait)
            if count < 4 {
                #expect(wait <= .seconds(4))
                #expect(!script.session.reason.contains("another program"))
            } else {
                #expect((.seconds(60) ... .seconds(900)).contains(wait))
                #expect(script.session.reason.contains("another program uses the device id dev1"))
                told += script.logged(.error).count
            }
            try script.due()
            try script.goOnline()
        }
        #expect(told == 1)
        script.advance(.seconds(60))
        script.lost()
        #expect(try #require(script.wait) <= .seconds(1), "a connection that held for a minute ends the row")
    }

    @Test(
        "What is no short end by the other side breaks the row",
        arguments: ["unreachable", "nameNotResolved", "silence", "stable", "unacknowledged"])
    func breaks(what: String) throws {
        var script = try online { $0.tokenLifetime = .seconds(86_400) }
        for _ in 0..<3 {
            script.lost()
            try script.due()
            try script.goOnline()
        }
        switch what {
        case "unreachable", "nameNotResolved":
            // The third end was one of the network, which then does not even let it connect.
            script = try online()
            for _ in 0..<3 {
                script.lost()
                try script.due()
                script.connectFails(what == "unreachable" ? .unreachable : .nameNotResolved)
                try script.due()
                try script.goOnline()
            }
        case "silence":
            script.lost(.silence)
            try script.due()
            try script.goOnline()
        case "stable":
            script.advance(.seconds(61))
            script.feed(.tick)
        default:
            _ = script.session.ledger.begin(at: script.now.monotonic)
            script.advance(.seconds(60))
            script.feed(.tick)
            script.disconnected()
            try script.due()
            script.session.ledger = PublishLedger()
            try script.goOnline()
        }
        script.lost()
        #expect(script.session.failures.shortSessions == 1)
        #expect(!script.session.reason.contains("another program"))
    }

    @Test("An end before the subscriptions are granted counts as well, whoever tells of it first")
    func beforeGranted() throws {
        var script = try SessionScript()
        script.feed(.start)
        for count in 0..<4 {
            script.connected()
            if count % 2 == 0 {
                script.lost()
            } else {
                let error = TransportError(count == 1 ? .notConnected : .connectionLost, "x")
                script.feed(.subscribeFailed(step: script.session.step, error))
                // The fourth is one too many to be an accident.
                let reason = count < 3 ? "closed the connection before" : "another program"
                #expect(script.session.reason.contains(reason))
                script.lost()
            }
            try script.due()
        }
        #expect(script.session.failures.shortSessions == 4)
    }

    @Test("How many count, and how long a short one is, can be set")
    func limits() throws {
        var script = try online {
            $0.counts.shortSessions = 2
            $0.limits.stable = .seconds(5)
        }
        for _ in 0..<10 {
            script.advance(.seconds(6))
            script.lost()
            #expect(script.session.failures.inARow == 1)
            try script.due()
            try script.goOnline()
        }
        for _ in 0..<2 {
            script.advance(.seconds(4))
            script.lost()
            if script.session.failures.shortSessions < 2 {
                try script.due()
                try script.goOnline()
            }
        }
        #expect(script.session.reason.contains("another program"))
    }

    @Test("A planned renewal is no end, however short the token's life")
    func renewals() throws {
        var script = try online { $0.tokenLifetime = .seconds(5) }
        for _ in 0..<10 {
            try script.due()
            script.disconnected()
            try script.goOnline()
        }
        #expect(script.session.failures.shortSessions == 0)
    }
}
