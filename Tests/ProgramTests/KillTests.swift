// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub
import Testing

/// The program is killed again and again while it samples fast: what it had stored arrives all the same.
///
/// With `SENSOR_AGENT_SOAK_KILLS`, that often.
@Suite("Killed at any moment", .timeLimit(.minutes(Kills.all > Kills.atOnce ? 1_440 : 30))) struct KillTests {
    @Test(
        "After kill -9 at random instants while sampling, no number is missing",
        arguments: 0..<Kills.agents)
    func kills(agent: Int) async throws {
        var left = max(1, Kills.all / Kills.agents)
        while left > 0 {
            try await kill(min(left, Kills.atOnce))
            left -= Kills.atOnce
        }
    }

    private func kill(_ rounds: Int) async throws {
        try await Rig.with { rig in
            let arguments = [
                "run", "--simulate", "--set", "telemetry.interval=100ms", "--set",
                "telemetry.replay-rate=1000",
                "--set", "store.sync-interval=1s",
            ]
            for round in 1...rounds {
                let before = await rig.hub.telemetry().last?.sequence ?? 0
                let agent = try rig.start(rig.lasting, arguments)
                // It samples and sends when the first message of this round is here.
                await rig.expect("round \(round) samples", of: agent) {
                    !$0.telemetry(after: before).isEmpty
                }
                // The instant is what this test is about.
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...250)))
                agent.signal(SIGKILL)
                #expect(
                    await agent.ended() == -SIGKILL, "round \(round): it ended by itself\n\(agent.output)")
            }
            let agent = try rig.start(rig.lasting, arguments)
            let numbers = await rig.hub.arrivals().mapValues(\.highest)
            await rig.expect("everything", of: agent) { hub in
                let arrivals = hub.arrivals()
                return arrivals.count == 3
                    && arrivals.allSatisfy { $1.gaps.isEmpty && $1.highest > numbers[$0, default: 0] + 20 }
            }
            let arrivals = await rig.hub.arrivals()
            #expect(arrivals.count == 3, "the numbering goes on: \(arrivals)")
            await rig.stop(agent)
        }
    }
}

private enum Kills {
    /// How many agents share them, side by side: each waits more than it works.
    static let agents = 4
    static let all = ProcessInfo.processInfo.environment["SENSOR_AGENT_SOAK_KILLS"].flatMap(Int.init) ?? 200
    /// The hub remembers the latest hundred thousand messages, which are those of a few thousand rounds.
    static let atOnce = 1_000
}
