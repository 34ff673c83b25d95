// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import PlugAndPlay
import Quantities
import StrictJSON
import TestClocks
import Testing

@testable import AgentCore

/// The civil clock is set by days, both ways, again and again; nothing that runs on intervals may notice.
@Suite("Steps of the civil clock") struct ClockStepTests {
    /// What half an hour of a thermostat did: when it set its line, and what it was sampled for telemetry.
    private struct Trace: Equatable {
        var sets: [String] = []
        var sent: [Int] = []
        var ages: [Duration] = []
    }

    /// Runs a cold room with a short heat now and then; `days` is the step before every minute.
    private func trace(days: [Int]) async throws -> Trace {
        let time = SteppedTime()
        time.setWall(WallTime(millisecondsSince1970: 1_790_000_000_000))
        let rig = RelayRig(time: time)
        var rhythm = TelemetryRhythm(start: time.now().monotonic, every: .seconds(8))
        var trace = Trace()
        var steps = days.makeIterator()
        for second in 0...1_800 {
            time.advance(to: .seconds(second))
            if second.isMultiple(of: 60), let step = steps.next() {
                time.stepWall(by: .seconds(step * 86_400))
            }
            let celsius = (second / 600).isMultiple(of: 2) ? 15.0 : 25.0
            if second.isMultiple(of: 4) { await rig.sample(celsius + Double(second % 3) * 0.01) }
            await rig.loop.tick()
            if rhythm.take(at: time.now().monotonic) { trace.sent.append(second) }
            if second.isMultiple(of: 300) {
                let reports = await WhyRequest.reports(of: rig.loop, .thermostat1, time)
                trace.ages.append(reports.first?.reading?.age ?? .seconds(-1))
            }
            let levels = rig.lines.sets(of: RelayRig.line)
            if levels.count != trace.sets.count {
                trace.sets += levels.dropFirst(trace.sets.count).map { "\(second) \($0)" }
            }
        }
        return trace
    }

    @Test(
        "Relay times, telemetry rhythm and ages are the same as without a step",
        arguments: [
            Array(repeating: 3, count: 30), Array(repeating: -3, count: 30),
            (0..<30).map { $0.isMultiple(of: 2) ? 20 * 365 : -20 * 365 }, (0..<30).map { $0 % 7 - 3 },
        ])
    func control(days: [Int]) async throws {
        let calm = try await trace(days: [])
        #expect(calm.sets.contains { $0.hasSuffix("true") } && calm.sent.count == 226)
        #expect(try await trace(days: days) == calm)
    }

    @Test("The status of an agent whose clock was set tells the same uptime", arguments: [-3, 3])
    func status(days: Int) async throws {
        let time = SteppedTime()
        time.setWall(WallTime(millisecondsSince1970: 1_790_000_000_000))
        let rig = RelayRig(time: time)
        time.advance(to: .seconds(40))
        time.stepWall(by: .seconds(days * 86_400))
        let handler = StatusRequest.handler(
            .init(version: "1", startedAt: time.start, isSimulated: false), setups: [],
            results: LatestResults(), control: rig.loop, time: time,
            clock: { .doubtful(.beforeBuild(WallTime(millisecondsSince1970: 0))) },
            link: {
                (
                    AgentStatus.Hub(state: "idle", reason: "Not started."),
                    AgentStatus.Outbox(waiting: 0, dropped: 0)
                )
            })
        let status = try #require(AgentStatus(json: try await handler([:], { _ in })))
        #expect(status.uptime == .seconds(40))
        #expect(status.hub.reason == "Waits for the clock.")
        #expect(status.clock?.isTrusted == false)
        #expect(status.clock?.text.contains("The clock says 1970-01-01") == true)
    }
}
