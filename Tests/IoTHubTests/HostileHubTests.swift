// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Logging
import Quantities
import Simulation
import Testing

@testable import IoTHub

/// Services that say what they should not, at times when they should not.
@Suite("Services that lie", .timeLimit(.minutes(10))) struct HostileHubTests {
    private func command(_ requestID: String) -> HubSession.Event {
        .message(topic: "$iothub/methods/POST/reboot/?$rid=\(requestID)", payload: [])
    }

    private func commands(_ script: SessionScript) -> [String] {
        script.actions.compactMap {
            if case .emit(.command(let request)) = $0 { request.requestID } else { nil }
        }
    }

    @Test("A command that came before the subscriptions stood is not carried out on another connection")
    func staleCommand() throws {
        var script = try SessionScript()
        script.feed(.start)
        script.connected()
        script.feed(command("old"))
        script.lost()
        script.advance(.seconds(3_600))
        script.feed(.tick)
        script.feed(command("new"))
        script.connected()
        script.granted()
        #expect(commands(script) == ["new"])
    }

    @Test(
        "A provisioning service that assigns nonsense is asked again later, and the hub that was known stays",
        arguments: ["", " ", "https://hub.example", "hub.example:0", "a b", "[::1", "hub.example/x", "hüb"])
    func nonsenseHub(host: String) throws {
        var script = try SessionScript(provisions: true)
        script.feed(.start)
        script.getAssigned()
        for _ in 0..<9 {
            script.connectFails(.unreachable)
            try script.due()
        }
        script.connectFails(.unreachable)
        try script.due()
        #expect(script.phase == "connecting dps")
        script.connected()
        script.granted()
        script.registrationIsAnswered(
            200,
            #"{"status":"assigned","registrationState":{"assignedHub":"\#(host)","deviceId":"dev-7"}}"#)
        #expect(script.phase == "closing, wait")
        script.disconnected()
        let wait = try #require(script.wait)
        #expect(wait >= .seconds(30) && wait <= .seconds(60))
        try script.due()
        #expect(script.dialled == "hub-1.example")
    }

    @Test("A twin of a megabyte is taken; one that is no twin, or answers nobody, is not")
    func bigTwin() throws {
        var script = try SessionScript()
        script.feed(.start)
        script.connected()
        script.granted()
        let filler = String(repeating: "x", count: 1_000_000)
        func answer(_ requestID: String, _ body: String) -> HubSession.Event {
            .message(topic: "$iothub/twin/res/200/?$rid=\(requestID)", payload: Array(body.utf8))
        }
        let twin = #"{"desired":{"a":"\#(filler)","$version":7},"reported":{"$version":1}}"#
        script.feed(answer("nobody", twin))
        #expect(script.phase == "syncing")
        let open = String(repeating: "[", count: 500_000)
        for body in [String(twin.dropLast()), "[]", "{}", #"{"desired":{"$version":1e400}}"#, open] {
            guard case .requested(let requestID, _) = script.session.twin.state else {
                Issue.record("no twin read is under way")
                return
            }
            script.feed(answer(requestID, body))
            #expect(script.phase == "syncing", "\(body.prefix(40))")
            try script.due()
        }
        guard case .requested(let requestID, _) = script.session.twin.state else {
            Issue.record("no twin read is under way")
            return
        }
        script.feed(answer(requestID, twin))
        #expect(script.phase == "online")
        // Once is enough.
        script.feed(answer(requestID, twin))
        #expect(!script.actions.contains { if case .emit(.twin) = $0 { true } else { false } })
    }

    @Test("Whatever happens in whatever order, silence after it leads to another attempt", arguments: 0..<40)
    func neverStuck(seed: UInt64) throws {
        let random = SeededGenerator.source(seed: seed)
        var script = try SessionScript(provisions: seed % 2 == 0)
        script.feed(.start)
        for _ in 0..<300 {
            try happen(random() % 20, &script)
            if random() % 3 == 0 { try script.due() }
            if random() % 8 == 0 { script.advance(.milliseconds(Int64(random() % 200_000))) }
        }
        var attempts = 0
        let end = script.now.monotonic.advanced(by: .seconds(3 * 3_600))
        while let deadline = script.session.nextDeadline, deadline < end, attempts < 2 {
            try script.due()
            if script.dialled != nil { attempts += 1 }
        }
        #expect(attempts == 2, "stuck in \(script.session.phase)")
    }

    /// One thing that a transport, a service or the machine may do, fitting or not.
    private func happen(_ number: UInt64, _ script: inout SessionScript) throws {
        let id = String(script.session.step, radix: 16)
        func message(_ topic: String, _ body: String = "{}") -> HubSession.Event {
            .message(topic: topic, payload: Array(body.utf8))
        }
        switch number {
        case 0...3: script.connected()
        case 4...7: script.granted()
        case 8: script.connectFails(.refused(returnCode: UInt8(script.session.step % 7)))
        case 9: script.connectFails(.tls)
        case 10: script.lost()
        case 11: script.disconnected()
        case 12: script.feed(.subscribeFailed(step: script.session.step, TransportError(.timedOut, "late")))
        case 13: script.feed(command(id))
        case 14:
            script.feed(message("$iothub/twin/PATCH/properties/desired/?$version=\(script.session.step)"))
        case 15: script.feed(message("$dps/registrations/res/429/?$rid=\(id)&retry-after=999999"))
        case 16: if case .asked = script.session.registration.step { script.registrationIsAnswered() }
        case 17: if case .requested = script.session.twin.state { try script.twinArrives() }
        case 18: script.feed(.clockWasSet)
        default: script.feed(.publishesDrained)
        }
    }
}
