// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub
import Testing

/// What outlives the program, and what a damaged file costs.
@Suite("State over restarts, program against hub", .timeLimit(.minutes(10))) struct StateTests {
    private static let arguments = [
        "run", "--simulate", "--set", "telemetry.interval=100ms", "--set", "telemetry.replay-rate=1000",
        "--set", "store.sync-interval=1s", "--set", "hub.longest-wait=200ms",
    ]

    private func files(_ folder: URL) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    }

    private func kill(_ agent: AgentProcess) async {
        agent.signal(SIGKILL)
        #expect(await agent.ended() == -SIGKILL, "\(agent.output)")
    }

    /// Replaces what is in a file, to its last byte.
    private func garble(_ file: URL) throws {
        let size = try #require(try file.resourceValues(forKeys: [.fileSizeKey]).fileSize)
        try Data(repeating: 0xA5, count: max(size, 4_096)).write(to: file)
    }

    @Test("A damaged state file is renamed and said, and the agent goes on; the young samples are not lost")
    func damagedState() async throws {
        try await Rig.with { rig in
            // What had moved to the file before it was damaged would be lost with it.
            let arguments = Self.arguments + ["--set", "store.sync-interval=1h"]
            var agent = try rig.start(rig.lasting, arguments)
            await rig.expectMore(of: agent)
            await kill(agent)
            // The log alone could bring back all that the file held.
            for name in ["state.sqlite", "state.sqlite-wal"] {
                try garble(rig.state().appendingPathComponent(name))
            }
            agent = try rig.start(rig.lasting, arguments)
            let line = await agent.line(with: "is damaged")
            #expect(line?.contains("state.sqlite.damaged") == true, "\(agent.output)")
            await rig.expectMore(of: agent)
            await rig.stop(agent)
            let kept = try #require(files(rig.state()).first { $0.hasPrefix("state.sqlite.damaged") })
            let bytes = try Data(contentsOf: rig.state().appendingPathComponent(kept))
            #expect(bytes.allSatisfy { $0 == 0xA5 })
        }
    }

    @Test("A damaged file of young samples is renamed and said; no message id comes twice with another value")
    func damagedYoung() async throws {
        try await Rig.with { rig in
            var agent = try rig.start(rig.lasting, Self.arguments)
            await rig.expectMore(of: agent)
            await kill(agent)
            let young = try #require(
                files(rig.runtime).first { $0.hasPrefix("outbox-") && $0.hasSuffix(".sqlite") })
            // The log alone could bring back all that the file held.
            for name in [young, "\(young)-wal"] { try garble(rig.runtime.appendingPathComponent(name)) }
            let before = await rig.hub.telemetry().count
            agent = try rig.start(rig.lasting, Self.arguments)
            #expect(await agent.line(with: "is damaged") != nil, "\(agent.output)")
            await rig.expect("telemetry again", of: agent) { $0.telemetry().count >= before + 60 }
            await rig.stop(agent)
            #expect(files(rig.runtime).contains { $0.hasPrefix("\(young).damaged") }, "\(files(rig.runtime))")
            var bodies: [String: [UInt8]] = [:]
            for record in await rig.hub.telemetry() {
                let id = try #require(record.systemProperties["$.mid"])
                #expect(bodies.updateValue(record.body, forKey: id) ?? record.body == record.body, "\(id)")
            }
        }
    }

    @Test("getMaxMinReport knows the samples of a run that was killed, and begins with its first")
    func report() async throws {
        try await Rig.with { rig in
            let begun = Date()
            var agent = try rig.start(rig.lasting, Self.arguments)
            await rig.expectMore(of: agent)
            await kill(agent)
            let first = try #require(await rig.hub.telemetry().first { $0.component == "thermostat1" })
            let earlier = await rig.hub.telemetry().filter { $0.component == "thermostat1" }
                .compactMap { $0.json?["temperature"]?.double }
            agent = try rig.start(rig.lasting, Self.arguments)
            await rig.expectMore(of: agent)
            let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
            let since = Date(timeIntervalSinceNow: -3_600).formatted(format)
            let answer = try await rig.call("thermostat1*getMaxMinReport", .string(since))
            await rig.stop(agent)
            #expect(answer.status == 200)
            #expect(try #require(answer.payload["maxTemp"]?.double) >= #require(earlier.max()))
            #expect(try #require(answer.payload["minTemp"]?.double) <= #require(earlier.min()))
            // Not the time that was asked for: nothing was measured then.
            let start = try Date(#require(answer.payload["startTime"]?.string), strategy: format)
            #expect(start <= first.receivedAt && start > begun.addingTimeInterval(-1))
        }
    }

    @Test("A target that was acknowledged survives kill -9") func target() async throws {
        try await Rig.with { rig in
            var agent = try rig.start(rig.lasting, Self.arguments)
            await rig.expect("first report", of: agent) { $0.reportedTarget("thermostat1") != nil }
            try await rig.hub.updateTwin("d1", desired: ["thermostat1": ["targetTemperature": 23.25]])
            await rig.expect("ack", of: agent) { $0.reportedTarget("thermostat1")?["value"] == 23.25 }
            await kill(agent)
            agent = try rig.start(rig.lasting, Self.arguments)
            #expect(await agent.line(with: "target 23.25 °C restored") != nil, "\(agent.output)")
            await rig.stop(agent)
        }
    }

    @Test("A latch that is in memory alone is told as one that the next start does not know")
    func latchInMemory() async throws {
        try await Rig.with { rig in
            let variables = rig.lasting.merging(["XDG_CONFIG_HOME": "/nonexistent"]) { $1 }
            let place = rig.state().appendingPathComponent("state.sqlite")
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            let agent = try rig.start(variables, Self.arguments + ["--set", "thermostat1.relay.line=chip:1"])
            #expect(await agent.line(with: "State is kept in memory only") != nil, "\(agent.output)")
            await rig.expectMore(of: agent)
            let (status, lines) = try await AgentProcess(["relay", "off"], environment: variables).result()
            #expect(status == 0)
            #expect(lines.first?.contains("or until the agent starts again") == true, "\(lines)")
            await rig.stop(agent)
        }
    }

    @Test("The hub that DPS assigned is used after kill -9 while DPS answers nobody") func assignment()
        async throws
    {
        let key = Data((0..<64).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString()
        try await Rig.with { rig in
            try await rig.hub.putEnrollment(
                Enrollment(
                    registrationId: "reg-1", attestation: .symmetricKey(primary: key, secondary: key),
                    deviceId: "assigned-1"))
            let variables = rig.provisioning("reg-1", key: key).merging([
                "RUNTIME_DIRECTORY": rig.runtime.path
            ]) { $1 }
            var agent = try rig.start(variables, Self.arguments)
            await rig.expectMore(of: agent)
            await kill(agent)
            await rig.hub.setFault(Fault(.provisioningSilence(.register)))
            agent = try rig.start(variables, Self.arguments)
            await rig.expectMore(of: agent)
            await rig.stop(agent)
            let asked = await rig.hub.endedConnections().count { $0.service == .provisioning }
            #expect(asked == 1, "only the first run asks")
            #expect(await rig.hub.arrivals().keys.allSatisfy { $0.hasPrefix("assigned-1/") })
        }
    }

    @Test("Two agents share a runtime directory and mix nothing, over kill -9") func twoAgents() async throws
    {
        try await Rig.with { rig in
            try await rig.hub.putDevice(
                "d2",
                DeviceSpecification(
                    authentication: .sas(primaryKey: rig.deviceKey, secondaryKey: rig.deviceKey)))
            let both = ["d1", "d2"].map { device in
                rig.lasting.mapValues {
                    $0.replacingOccurrences(of: "DeviceId=d1", with: "DeviceId=\(device)")
                }
            }
            // Everything waits while they are killed.
            await rig.hub.setFault(Fault(.refuseConnect(code: 3)))
            for round in 0..<3 {
                let agents = try both.enumerated().map {
                    try rig.start($1, state: "state\($0)", Self.arguments)
                }
                if round == 2 { await rig.hub.clearFaults() }
                let ended = await rig.hub.endedConnections().count
                await rig.expect("both try", of: agents[1]) {
                    round == 2 ? $0.hasAll(upTo: 20, streams: 6) : $0.endedConnections().count >= ended + 12
                }
                for agent in agents { round == 2 ? await rig.stop(agent) : await kill(agent) }
            }
            #expect(files(rig.runtime).count { $0.hasPrefix("outbox-") && $0.hasSuffix(".sqlite") } == 2)
            let series = await rig.hub.telemetry().reduce(into: [String: Set<Substring>]()) {
                series, record in
                let id = record.systemProperties["$.mid"]?.split(separator: "-").first ?? ""
                series[record.deviceId, default: []].insert(id)
            }
            #expect(series["d1"]?.count == 1 && series["d2"]?.count == 1, "\(series)")
            #expect(series["d1"] != series["d2"])
        }
    }

    @Test("Without a usable runtime directory young samples are in the state directory, and outlive kill -9")
    func noRuntimeDirectory() async throws {
        try await Rig.with { rig in
            // Below a file there is no directory, not even for root.
            let file = try rig.folder.write("", to: "file")
            let variables = rig.connectionString.merging(["RUNTIME_DIRECTORY": file + "/run"]) { $1 }
            var agent = try rig.start(variables, Self.arguments)
            await rig.expectMore(of: agent)
            await kill(agent)
            #expect(files(rig.state()).contains { $0.hasPrefix("outbox-") }, "\(files(rig.state()))")
            agent = try rig.start(variables, Self.arguments)
            await rig.expectMore(of: agent)
            await rig.stop(agent)
        }
    }
}
