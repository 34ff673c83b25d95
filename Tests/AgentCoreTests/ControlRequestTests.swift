// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import PlugAndPlay
import Quantities
import StateStore
import StrictJSON
import Synchronization
import TestClocks
import Testing
import ThermostatControl

@testable import AgentCore

@Suite("Requests about thermostats") struct ControlRequestTests {
    private let rig = RelayRig()

    private func ask(_ command: String, _ arguments: JSONValue = .object([:])) async throws -> JSONValue {
        var commands = LocalCommands()
        let (loop, time) = (rig.loop, rig.time)
        commands.register(WhyRequest.command, WhyRequest.handler(control: loop, time: time))
        commands.register(SetRequest.command, SetRequest.handler(control: loop, time: time))
        commands.register(ResetRequest.command, ResetRequest.handler(control: loop, time: time))
        commands.register(RelayOffRequest.command, RelayOffRequest.handler(control: loop))
        commands.register(
            StatusRequest.command,
            StatusRequest.handler(
                .init(version: "1.2.3", startedAt: time.start, isSimulated: false), setups: [],
                results: LatestResults(), control: loop, time: time, clock: { .estimated },
                disk: { .init(state: .hangs, hangsFor: .seconds(9), isPastUnknown: true) },
                certificate: { .init(problem: "a test") },
                link: {
                    (
                        AgentStatus.Hub(
                            state: "online", reason: "", age: .seconds(5), host: "h", deviceID: "d"),
                        AgentStatus.Outbox(waiting: 3, dropped: 1)
                    )
                }))
        let answer = Mutex<[UInt8]>([])
        await commands.answer(LocalRequest(command, arguments).line) { line in
            answer.withLock { $0 = line }
        }
        switch LocalReply(line: answer.withLock { $0 }) {
        case .result(let result): return result
        case .error(let error): throw error
        case .progress, nil: throw LocalError(.failed, "no answer")
        }
    }

    private func report(_ result: JSONValue) throws -> ThermostatReport {
        try #require(WhyRequest.reports(result)?.first)
    }

    @Test("why tells reading, band, state, reason, relay, last change and faults, and survives the socket")
    func why() async throws {
        await rig.run(from: 0, to: 184, celsius: 15)
        let result = try await ask("why", ["thermostat": "thermostat1"])
        let report = try report(result)
        #expect(WhyRequest.reports(result)?.count == 1)
        #expect(report.state == .heating && report.reason == "temperature" && report.mode == .heat)
        #expect(report.reading == .init(celsius: 15.01, age: .zero))
        #expect(report.limits == 5...35 && report.target == 20)
        let relay = try #require(report.relay)
        #expect(relay.isReal && relay.isCommandedOn && relay.readBack == true && relay.cycles == 1)
        #expect(report.lastChange?.age == .seconds(4))
        #expect(report.band?.on ?? 99 < 20 && report.faults.isEmpty && report.latch == nil)
        #expect(ThermostatReport(json: report.json) == report)
    }

    @Test("A present fault, a past one and a timer survive the socket too") func faults() async throws {
        await rig.run(from: 0, to: 184, celsius: 15)
        for _ in 0..<WatchSettings.failuresUntilFault {
            await rig.loop.recordFailure(of: SensorName("a"))
        }
        await rig.run(from: 185, to: 210, celsius: 15)
        _ = await rig.loop.latchOff("a test")
        let report = try report(try await ask("why"))
        #expect(report.faults.map(\.code) == [.sensorLost, .latchedOff])
        #expect(report.faults.map(\.isPresent) == [false, true])
        #expect(report.faults.first?.clearedBy == "good samples again")
        #expect(report.state == .safe && report.reason == "latched-off" && report.latch == "a test")
        #expect(ThermostatReport(json: report.json) == report)
        let waiting = try self.report(try await ask("reset", ["thermostat": "thermostat1"]))
        #expect(waiting.state == .fault && waiting.remaining != nil, "it recovers from the lost sensor")
        #expect(waiting.reason == "recovering")
        #expect(ThermostatReport(json: waiting.json) == waiting)
    }

    @Test("A relay that is held off for a time is not told as latched") func held() async throws {
        await rig.run(from: 0, to: 184, celsius: 15)
        await rig.loop.hold("the machine reboots")
        let report = try report(try await ask("why"))
        #expect(report.state == .safe && report.reason == "held-off" && report.latch == nil)
        #expect(report.sentence == "Off: the machine reboots.")
    }

    @Test("Without a relay there is a target and nothing else to tell") func withoutRelay() async throws {
        let report = try report(try await ask("why", ["thermostat": "thermostat2"]))
        #expect(report.relay == nil && report.reason == "no-relay" && report.sensor == nil)
        #expect(ThermostatReport(json: report.json) == report)
    }

    @Test("set changes target and mode; a refusal names the reason and what stays") func set() async throws {
        let arguments = SetRequest.arguments(.thermostat1, target: 21.5, mode: .cool)
        let report = try report(try await ask("set", arguments))
        #expect(report.target == 21.5 && report.mode == .cool)
        let refusal = await #expect(throws: LocalError.self) {
            try await ask("set", SetRequest.arguments(.thermostat1, target: 50, mode: .heat))
        }
        #expect(refusal?.code == .refused)
        for words in ["50.0 °C is outside", "stays 21.5 °C, the mode cool", "from 5.0 to 35.0 °C"] {
            #expect(refusal?.message.contains(words) == true, "\(refusal?.message ?? "")")
        }
        let after = try self.report(try await ask("why"))
        #expect(after.target == 21.5 && after.mode == .cool)
    }

    @Test("relay-off tells which lines are confirmed off, and reset ends it") func relayOff() async throws {
        await rig.run(from: 0, to: 184, celsius: 15)
        let lines = RelayOffRequest.lines(try await ask("relay-off", ["reason": "a test"]))
        #expect(
            lines == [.init(name: "\(RelayRig.line)", isReal: true, isConfirmedOff: true)])
        #expect(rig.lines.sets(of: RelayRig.line).last == false)
        #expect(try report(try await ask("why")).sentence == "Off until a reset: a test.")
        rig.lines.stick(RelayRig.line, true)
        let stuck = RelayOffRequest.lines(try await ask("relay-off"))
        #expect(stuck?.map(\.isConfirmedOff) == [false])
        rig.lines.stick(RelayRig.line, nil)
        #expect(try report(try await ask("reset")).latch == nil)
    }

    @Test(
        "A latch is stored before it is told, and one that could not be stored is told as that",
        arguments: [true, false])
    func storedLatch(isStored: Bool) async throws {
        await rig.run(from: 0, to: 184, celsius: 15)
        let (lines, asked) = (rig.lines, AsyncStream<ThermostatMemory?>.makeStream())
        let handler = RelayOffRequest.handler(
            control: rig.loop,
            storing: RelayOffRequest.Storing(time: rig.time) { memories in
                #expect(lines.sets(of: RelayRig.line).last == false, "the relay comes first")
                asked.continuation.yield(memories[.thermostat1])
                return isStored
            })
        let answer = try await handler(RelayOffRequest.arguments(reason: "a test")) { _ in }
        #expect(RelayOffRequest.lines(answer)?.map(\.isStored) == [isStored])
        for await memory in asked.stream {
            #expect(memory?.latch == "a test")
            break
        }
    }

    @Test("status puts everything together and survives the socket") func status() async throws {
        rig.time.advance(to: .seconds(7))
        let status = try #require(AgentStatus(json: try await ask("status")))
        #expect(status.version == "1.2.3" && status.uptime == .seconds(7) && !status.isSimulated)
        #expect(status.hub.host == "h" && status.hub.age == .seconds(5))
        #expect(status.outbox == .init(waiting: 3, dropped: 1))
        #expect(status.thermostats.map(\.id) == [.thermostat1, .thermostat2])
        #expect(status.disk == .init(state: .hangs, hangsFor: .seconds(9), isPastUnknown: true))
        #expect(status.certificate?.text == "a test" && status.certificate?.expires == nil)
        #expect(status.clock?.isTrusted == true && status.clock?.isEstimated == true)
        #expect(AgentStatus(json: status.json) == status)
    }

    @Test(
        "Wrong arguments change nothing and are named",
        arguments: [
            ("why", ["thermostat": "x"], "thermostat1 or thermostat2"),
            ("why", ["x": 1], "\"x\" must go"),
            ("status", ["x": 1], "takes no arguments"),
            ("set", [:], "needs \"thermostat\""),
            ("set", ["thermostat": "thermostat1"], "\"target\", \"mode\" or both"),
            ("set", ["thermostat": "thermostat1", "target": "21"], "must be a number, not a string"),
            ("set", ["thermostat": "thermostat1", "mode": "warm"], "off, heat, cool"),
            ("reset", ["thermostat": 1], "thermostat1 or thermostat2"),
            ("relay-off", ["reason": 1], "must be a string"),
        ] as [(String, JSONValue, String)])
    func wrong(command: String, arguments: JSONValue, words: String) async throws {
        await rig.loop.tick()
        let before = try await ask("why")
        let error = await #expect(throws: LocalError.self) { try await ask(command, arguments) }
        #expect(error?.code == .badArguments)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        #expect(try await ask("why") == before)
    }

    @Test("Of a report with a part that is not understood nothing is made") func parsing() async throws {
        let good = try await ask("status")
        var broken = good
        broken["source"] = "guessed"
        #expect(AgentStatus(json: good) != nil && AgentStatus(json: broken) == nil)
        let json = try report(try await ask("why")).json
        for (name, value) in [
            ("state", "melting"), ("relay", [:]), ("band", ["on": 1]), ("faults", [1]), ("name", "x"),
            ("limits", ["low": 2, "high": 1]),
        ] as [(String, JSONValue)] {
            var other = json
            other[name] = value
            #expect(ThermostatReport(json: other) == nil, "\(name)")
        }
    }
}
