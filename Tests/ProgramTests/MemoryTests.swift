// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub
import Testing

/// What the running agent keeps for itself over the events that happen again and again.
///
/// With `SENSOR_AGENT_SOAK` set, twenty times as often.
@Suite("Memory of the running agent", .timeLimit(.minutes(Soak.isOn ? 600 : 15)))
struct MemoryTests {
    /// Growth that the allocator's own habits explain, in KiB.
    private static let allowance = 2_048

    private func start(_ rig: Rig) throws -> AgentProcess {
        try rig.start(
            rig.connectionString,
            [
                "run", "--simulate", "--set", "telemetry.interval=1s", "--set", "hub.longest-wait=100ms",
                "--set",
                "log.level=error",
            ])
    }

    /// Cuts the connection and waits for the next one that is in full use.
    private func reconnect(_ count: Int, _ rig: Rig, _ agent: AgentProcess) async {
        for _ in 0..<count {
            let ended = await rig.hub.endedConnections().count
            await rig.hub.dropConnections()
            await rig.expect("a new connection", of: agent) {
                $0.endedConnections().count > ended && $0.connections().first?.subscriptions.count == 4
            }
        }
    }

    /// Changes a target that often, in bundles, each of which ends with its acknowledgement.
    private func update(_ count: Int, _ rig: Rig, _ agent: AgentProcess) async throws {
        var left = count
        while left > 0 {
            var version = 0
            for number in 0..<min(left, 25) {
                let target = JSON.number(20 + Double((left + number) % 80) / 8)
                version = try await rig.hub.updateTwin(
                    "d1", desired: ["thermostat1": ["targetTemperature": target]]
                ).desired.version
            }
            left -= 25
            let last = version
            await rig.expect("the acknowledgement of version \(last)", of: agent) {
                $0.reportedTarget("thermostat1")?["av"]?.integer == last
            }
        }
    }

    /// Runs `work` for a warm-up and then in full, and compares.
    private func measure(
        _ what: String, _ full: Int, _ work: (Int, Rig, AgentProcess) async throws -> Void
    ) async throws {
        try await Rig.with { rig in
            let agent = try start(rig)
            await rig.expect("telemetry", of: agent) { !$0.telemetry().isEmpty }
            // Ten seconds after its start the agent gives back what only the start needed.
            let begun = ContinuousClock.now
            repeat { try await work(full / 10, rig, agent) } while .now - begun < .seconds(12)
            let before = try PrivateMemory.kibibytes(of: agent.identifier)
            try await work(full, rig, agent)
            let after = try PrivateMemory.kibibytes(of: agent.identifier)
            print("\(full) \(what): \(before) KiB before, \(after) KiB after")
            #expect(
                after - before <= Self.allowance, "\(before) KiB before, \(after) KiB after \(full) \(what)")
            await rig.stop(agent)
        }
    }

    @Test("It does not grow over hundreds of reconnects") func reconnects() async throws {
        try await measure("reconnects", Soak.isOn ? 10_000 : 500, reconnect)
    }

    @Test("It does not grow over thousands of property updates") func updates() async throws {
        try await measure("property updates", Soak.isOn ? 100_000 : 5_000, update)
    }
}

/// Whether tests may take hours.
private enum Soak {
    static let isOn = ProcessInfo.processInfo.environment["SENSOR_AGENT_SOAK"] != nil
}

/// What a process has changed of its memory and shares with nobody.
private enum PrivateMemory {
    struct Unreadable: Error {}

    static func kibibytes(of process: Int32) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(process)/smaps_rollup", encoding: .utf8)
        for line in text.split(separator: "\n") where line.hasPrefix("Private_Dirty:") {
            if let number = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) {
                return number
            }
        }
        throw Unreadable()
    }
}
