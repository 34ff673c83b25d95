// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import TestClocks
import Testing

@testable import IoTHub

/// The life of a connection as one table: phase, event, next phase.
@Suite struct ConnectionTableTests {
    /// What each event leads to.
    ///
    /// A dot stands for no change. `due` is a tick at the session's deadline, `early` one before it.
    ///
    /// Where a publish is under way, the renewal leads from online to draining first, which `path` shows.
    private static let chart = """
        phase            | start         | connected       | failed  | granted     | denied        | disconnected | lost       | early | due              | clock set        | pause         | resume           | stop
        idle             | connecting dps| .               | .       | .           | .             | .            | .          | .     | .                | .                | .             | .                | stopped
        connecting dps   | .             | subscribing dps | waiting | .           | .             | .            | .          | .     | closing, wait    | .                | closing, wait | .                | closing, stop
        subscribing dps  | .             | .               | .       | registering | closing, wait | .            | waiting    | .     | closing, wait    | .                | closing, wait | .                | closing, stop
        registering      | .             | .               | .       | .           | .             | .            | waiting    | .     | closing, wait    | .                | closing, wait | .                | closing, stop
        connecting       | .             | subscribing     | waiting | .           | .             | .            | .          | .     | closing, wait    | .                | closing, wait | .                | closing, stop
        subscribing      | .             | .               | .       | syncing     | closing, wait | .            | waiting    | .     | closing, wait    | .                | closing, wait | .                | closing, stop
        syncing          | .             | .               | .       | .           | .             | .            | waiting    | .     | .                | closing, connect | closing, wait | .                | closing, stop
        online           | .             | .               | .       | .           | .             | .            | waiting    | .     | closing, connect | closing, connect | closing, wait | .                | closing, stop
        draining         | .             | .               | .       | .           | .             | .            | connecting | .     | closing, connect | .                | closing, wait | .                | stopping
        closing, connect | .             | .               | .       | .           | .             | connecting   | .          | .     | connecting       | .                | closing, wait | .                | closing, stop
        closing, wait    | .             | .               | .       | .           | .             | waiting      | .          | .     | waiting          | .                | .             | closing, connect | closing, stop
        closing, stop    | .             | .               | .       | .           | .             | stopped      | .          | .     | stopped          | .                | .             | .                | .
        waiting          | .             | .               | .       | .           | .             | .            | .          | .     | connecting       | connecting       | .             | connecting       | stopped
        stopping         | .             | .               | .       | .           | .             | .            | stopped    | .     | closing, stop    | .                | .             | .                | .
        stopped          | .             | .               | .       | .           | .             | .            | .          | .     | .                | .                | .             | .                | .
        """

    /// What the application is told in each phase; more than one where it depends on the way there.
    private static let states: [String: Set<ConnectionState>] = [
        "idle": [.idle], "connecting dps": [.provisioning], "subscribing dps": [.provisioning],
        "registering": [.provisioning], "connecting": [.connecting, .renewing],
        "subscribing": [.subscribing, .renewing], "syncing": [.syncing], "online": [.online],
        "draining": [.renewing], "closing, connect": [.renewing, .provisioning, .offline],
        "closing, wait": [.offline],
        // The application knows that it stops; the last word comes at the end.
        "closing, stop": Set(ConnectionState.allCases), "waiting": [.offline],
        "stopping": [.online, .syncing, .renewing], "stopped": [.stopped],
    ]

    private static let rows = chart.split(separator: "\n").map { line in
        line.split(separator: "|").map { $0.trimmed }
    }

    private static let phases = rows.dropFirst().map { $0[0] }

    /// Brings a new session to a phase by events alone.
    private func script(in phase: String) throws -> SessionScript {
        var script = try SessionScript(provisions: true)
        for step in Self.path(to: phase) { try Self.feed(step, to: &script) }
        return script
    }

    private static func path(to phase: String) -> [String] {
        let connecting = ["start", "connected", "granted", "assigned", "disconnected"]
        let online = connecting + ["connected", "granted", "twin"]
        switch phase {
        case "connecting dps": return ["start"]
        case "subscribing dps": return ["start", "connected"]
        case "registering": return ["start", "connected", "granted"]
        case "connecting": return connecting
        case "subscribing": return connecting + ["connected"]
        case "syncing": return connecting + ["connected", "granted"]
        case "online": return online
        case "draining": return online + ["publish", "due"]
        case "closing, connect": return online + ["due"]
        case "closing, wait": return connecting + ["connected", "denied"]
        case "closing, stop": return online + ["stop"]
        case "waiting": return connecting + ["failed"]
        case "stopping": return online + ["publish", "stop"]
        case "stopped": return ["stop"]
        default: return []
        }
    }

    private static func feed(_ event: String, to script: inout SessionScript) throws {
        let error = TransportError(.unreachable, "x")
        switch event {
        case "start": script.feed(.start)
        case "connected": script.connected()
        case "failed": script.connectFails(.unreachable)
        case "granted": script.granted()
        case "denied": script.feed(.subscribeFailed(step: script.session.step, error))
        case "disconnected": script.disconnected()
        case "lost": script.lost()
        case "early": script.feed(.tick)
        case "due": if script.session.nextDeadline != nil { try script.due() }
        case "clock set": script.feed(.clockWasSet)
        case "pause": script.feed(.pause(until: script.now.monotonic.advanced(by: .seconds(90))))
        case "resume": script.feed(.resume)
        case "stop": script.feed(.stop)
        case "assigned": script.registrationIsAnswered()
        case "twin": try script.twinArrives()
        case "publish":
            // Young enough not to count as unanswered when the token is due.
            script.time.advance(to: try #require(script.session.renewAt).advanced(by: .seconds(-1)))
            _ = script.session.ledger.begin(at: script.now.monotonic)
            script.feed(.tick)
        default: Issue.record("There is no event \(event).")
        }
    }

    @Test("Every phase is reached by events", arguments: phases)
    func reach(phase: String) throws {
        #expect(try script(in: phase).phase == phase)
    }

    @Test("Every event leads from every phase to where the table says", arguments: phases)
    func table(phase: String) throws {
        let row = try #require(Self.rows.first { $0[0] == phase })
        for (event, cell) in zip(Self.rows[0].dropFirst(), row.dropFirst()) {
            var script = try script(in: phase)
            try Self.feed(event, to: &script)
            let expected = cell == "." ? phase : cell
            #expect(script.phase == expected, "\(phase), \(event)")
            let states = try #require(Self.states[expected])
            #expect(states.contains(script.session.state), "\(expected) as \(script.session.state)")
            #expect(script.session.reason.hasSuffix("."), "\(script.session.reason)")
        }
    }

    @Test("A pause lasts until its time, or until it is called off", arguments: [true, false])
    func pause(isCalledOff: Bool) throws {
        var script = try script(in: "online")
        let end = script.now.monotonic.advanced(by: .seconds(90))
        script.feed(.pause(until: end))
        script.disconnected()
        #expect(script.session.phase == .waiting(until: end))
        if isCalledOff { script.feed(.resume) } else { try script.due() }
        #expect(script.phase == "connecting")
    }

    @Test("Messages pass where a hub is connected, wait where the token is renewed, and fail elsewhere")
    func gate() throws {
        for phase in Self.phases {
            let gate =
                switch try script(in: phase).session.gate {
                case .open: "open"
                case .wait: "wait"
                case .closed(let error): error.code == .stopped ? "stopped" : "offline"
                }
            let expected =
                switch phase {
                case "syncing", "online": "open"
                case "draining", "closing, connect": "wait"
                case "closing, stop", "stopping", "stopped": "stopped"
                default: "offline"
                }
            #expect(gate == expected, "\(phase)")
        }
    }

    @Test("Stop comes to its end within three seconds, whatever hangs", arguments: phases)
    func stop(phase: String) throws {
        var script = try script(in: phase)
        let before = script.time.elapsed
        script.feed(.stop)
        for _ in 0..<2 where script.session.nextDeadline != nil { try script.due() }
        #expect(script.phase == "stopped")
        #expect(script.time.elapsed - before <= .seconds(3))
    }

    @Test("The result of an older operation is ignored", arguments: phases)
    func stale(phase: String) throws {
        var script = try script(in: phase)
        let error = TransportError(.timedOut, "x")
        let step = script.session.step - 1
        let events: [HubSession.Event] = [
            .connected(step: step), .connectFailed(step: step, error), .subscribed(step: step),
            .subscribeFailed(step: step, error), .disconnected(step: step),
        ]
        for event in events {
            script.feed(event)
            #expect(script.actions.isEmpty)
            #expect(script.phase == phase)
        }
    }
}

extension Substring {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
