// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Logging
import Quantities
import Testing

@testable import IoTHub

/// Each failure has its own waits, its own words, and says what to do.
@Suite struct FailureTableTests {
    typealias Code = TransportError.Code

    /// Ceilings in seconds after the 1st, 2nd, 3rd, 6th and 20th failure, and from which on a wait has a floor of half.
    private static let rows: [(cause: FailureCause, ceilings: [Double], flooredFrom: Int?)] = [
        (.nameNotResolved, [1, 2, 4, 32, 60], nil), (.unreachable, [1, 2, 4, 32, 100], nil),
        (.connectionLost, [1, 2, 4, 32, 100], nil), (.messagesUnacknowledged, [1, 2, 4, 32, 100], nil),
        (.noAnswer, [2, 4, 8, 64, 100], nil), (.subscriptionFailed, [2, 4, 8, 64, 100], nil),
        (.requestsUnanswered, [2, 4, 8, 64, 100], nil), (.provisioningSilent, [2, 4, 8, 64, 100], nil),
        (.tls, [1, 60, 120, 300, 300], 2), (.notAuthorized, [1, 2, 60, 300, 300], 3),
        (.wrongProtocol, [60, 120, 240, 600, 600], 1), (.identifierRefused, [60, 120, 240, 600, 600], 1),
        (.credentialsMalformed, [60, 120, 240, 600, 600], 1), (.serverUnavailable, [5, 10, 20, 120, 120], 1),
        (.localConfiguration, [60, 120, 240, 300, 300], 1),
        (.provisioningBusy, [5, 10, 20, 160, 300], 1), (.provisioningRefused, [60, 120, 240, 600, 600], 1),
        (.identityInUse, [120, 240, 480, 900, 900], 1),
    ]

    @Test("The waits of every cause are those of the table")
    func table() {
        #expect(Set(Self.rows.map(\.cause)) == Set(FailureCause.allCases))
        for row in Self.rows {
            for (count, ceiling) in zip([1, 2, 3, 6, 20], row.ceilings) {
                let policy = BackoffPolicy()
                let longest = policy.delay(after: row.cause, failures: count, random: .max)
                let shortest = policy.delay(after: row.cause, failures: count, random: 0)
                #expect(abs(longest.seconds - ceiling) < 0.001, "\(row.cause) \(count)")
                let floor = row.flooredFrom.map { count >= $0 } == true ? ceiling / 2 : 0
                #expect(abs(shortest.seconds - floor) < 0.001, "\(row.cause) \(count)")
                let bounded = BackoffPolicy(longestWait: .milliseconds(100))
                #expect(bounded.delay(after: row.cause, failures: count, random: .max) <= .milliseconds(100))
            }
        }
    }

    @Test("No count of failures traps or leaves the range", arguments: FailureCause.allCases)
    func counts(cause: FailureCause) {
        let cap = BackoffPolicy.rule(for: cause).backoff.cap
        for count in [Int.min, -1, 0, 1, 1_000, .max] {
            let delay = BackoffPolicy().delay(after: cause, failures: max(count, 0), random: .max)
            #expect(delay >= .zero && delay <= max(cap, BackoffPolicy.quick.cap))
        }
    }

    @Test(
        "A connect that fails waits by its own cause and says what to do",
        arguments: [
            (Code.nameNotResolved, FailureCause.nameNotResolved), (.unreachable, .unreachable),
            (.timedOut, .noAnswer), (.tls, .tls), (.localConfiguration, .localConfiguration),
            (.refused(returnCode: 1), .wrongProtocol), (.refused(returnCode: 2), .identifierRefused),
            (.refused(returnCode: 3), .serverUnavailable), (.refused(returnCode: 4), .credentialsMalformed),
            (.refused(returnCode: 5), .notAuthorized), (.refused(returnCode: 200), .wrongProtocol),
            (.connectionLost, .connectionLost),
        ])
    func connects(code: Code, cause: FailureCause) throws {
        var script = try SessionScript()
        script.feed(.start)
        for count in 1...8 {
            script.connectFails(code)
            let wait = try #require(script.wait)
            #expect(wait <= BackoffPolicy().delay(after: cause, failures: count, random: .max))
            #expect(wait >= BackoffPolicy().delay(after: cause, failures: count, random: 0))
            #expect(script.session.state == .offline)
            #expect(script.session.reason.hasSuffix("Next attempt in \(HubSession.text(wait))."))
            try script.due()
            #expect(script.dialled == "hub.example")
        }
    }

    @Test(
        "Each refusal has its own advice",
        arguments: [
            (1, "check the host name"), (2, "check the device or registration id"),
            (3, "check the device's status there"), (4, "check host name, device id and key"),
            (5, "check the device id, its key and the clock"),
        ])
    func refusals(code: UInt8, advice: String) throws {
        var script = try SessionScript()
        script.feed(.start)
        script.connectFails(.refused(returnCode: code))
        #expect(script.session.reason.contains("\(advice). Next attempt in"), "\(script.session.reason)")
    }

    @Test("Each cause counts for itself, so that one outage does not lengthen the waits of the next")
    func ownCounts() throws {
        var script = try SessionScript()
        script.feed(.start)
        for _ in 0..<8 {
            script.connectFails(.nameNotResolved)
            try script.due()
        }
        script.connectFails(.unreachable)
        #expect(try #require(script.wait) <= .seconds(1))
        #expect(script.session.failures.inARow == 9)
    }

    @Test("Subscriptions refused or silent, requests and messages without an answer wait by their own cause")
    func online() throws {
        var script = try SessionScript { $0.tokenLifetime = .seconds(86_400) }
        func bound(_ cause: FailureCause) -> Duration {
            BackoffPolicy().delay(after: cause, failures: 1, random: .max) + .seconds(1)
        }
        script.feed(.start)
        script.connected()
        script.feed(.subscribeFailed(step: script.session.step, TransportError(.subscriptionRefused, "no")))
        #expect(try #require(script.wait) <= bound(.subscriptionFailed))
        #expect(script.session.reason.contains("check the hub's status"))
        script.disconnected()
        try script.due()
        script.connected()
        script.granted()
        // Silence, wait, silence, wait, silence; meanwhile the connection becomes stable.
        for _ in 0..<6 where script.wait == nil { try script.due() }
        #expect(script.session.reason.contains("3 requests in a row unanswered"))
        #expect(try #require(script.wait) <= bound(.requestsUnanswered))
        script.disconnected()
        try script.due()
        try script.goOnline()
        _ = script.session.ledger.begin(at: script.now.monotonic)
        script.advance(.seconds(60))
        script.feed(.tick)
        #expect(script.session.reason.contains("not acknowledged a message for 60 s"))
        #expect(try #require(script.wait) <= bound(.messagesUnacknowledged))
        #expect(script.phase == "closing, wait", "the dead connection is ended")
    }

    @Test("DPS that throttles is given the pause it asks for, whatever the longest wait is")
    func throttled() throws {
        var script = try SessionScript(provisions: true) {
            $0.backoff.longestWait = .milliseconds(50)
            $0.limits.provisioning = .seconds(20)
        }
        script.feed(.start)
        script.connected()
        script.granted()
        script.registrationIsAnswered(429, retryAfter: 7, "")
        #expect(try #require(script.session.nextDeadline) - script.now.monotonic == .seconds(7))
        try script.due()
        script.registrationIsAnswered(429, retryAfter: 200, "")
        #expect(script.wait == .seconds(200))
        #expect(script.session.reason.contains("pause of 200 s"))
    }

    @Test("An outage of hours is told at the first, second, fourth … failure, not at each")
    func quiet() throws {
        var script = try SessionScript()
        script.feed(.start)
        #expect(script.logged(.info).count == 1)
        var told = 0
        for _ in 0..<1_000 {
            script.connectFails(.unreachable)
            told += script.logged(.info).count
            try script.due()
            // The next attempt, which is no news either.
            told += script.logged(.info).count
        }
        #expect(told == 10)
    }
}
