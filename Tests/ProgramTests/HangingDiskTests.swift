// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Glibc
import LocalHub
import Testing

@Suite("A disk that hangs at the start, program against hub", .timeLimit(.minutes(10)))
struct HangingDiskTests {
    private static let late = "has not answered for 2 s: control begins without"

    /// Simulated rooms with a heater that waits for nothing but a lock-out that may have run.
    private static let heater = """
        [telemetry]
        interval = "1s"
        [thermostat1]
        sensor = "s1"
        mode = "heat"
        [thermostat1.relay]
        line = "pin-11"
        minimum-off = "1s"
        minimum-on = "1s"
        [sensors.s1]
        driver = "tmp102"
        bus = "header"
        address = 0x48

        """

    private func ask(_ rig: Rig, _ arguments: String...) async throws -> [String] {
        let (status, lines) = try await AgentProcess(asking: rig.runtime, arguments).result()
        #expect(status == 0, "\(lines)")
        return lines
    }

    /// What the thermostat says of itself.
    private func why(_ rig: Rig) async throws -> [String: Any] {
        let text = try #require(try await ask(rig, "why", "thermostat1", "--json").first)
        let json = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        return try #require((json?["thermostats"] as? [[String: Any]])?.first)
    }

    @Test("Control and hub go on without the past, status says it, and what the disk has is taken up later")
    func hanging() async throws {
        try await Rig.with { rig in
            let file = try rig.folder.write(Self.heater, to: "agent.toml")
            let arguments = ["run", "--simulate", "--config", file, "--board", "raspberry-pi-4"]
            var agent = try rig.start(rig.lasting, arguments)
            await rig.expect("the first report", of: agent) { $0.reportedTarget("thermostat1") != nil }
            _ = try await ask(rig, "set", "thermostat1", "23.5")
            _ = try await ask(rig, "relay", "off")
            await rig.stop(agent)

            let disk = try HangingFile(rig.state().appendingPathComponent("state.sqlite"))
            agent = try rig.start(rig.lasting, arguments)
            #expect(await agent.line(with: Self.late) != nil, "\(agent.output)")
            await rig.expect("the hub has the device back", of: agent) { !$0.connections().isEmpty }
            let before = try await why(rig)
            #expect(before["target"] as? Double == 20 && before["state"] as? String != "safe", "\(before)")
            while try await !ask(rig, "status").contains(where: {
                $0.hasPrefix("disk    has not answered for")
            }) {}
            try await rig.hub.updateTwin("d1", desired: ["thermostat2": ["targetTemperature": 22.5]])
            await rig.expect("the hub's target", of: agent) {
                $0.reportedTarget("thermostat2")?["value"] == 22.5
            }

            disk.answer()
            #expect(await agent.line(with: "The disk answers") != nil, "\(agent.output)")
            let after = try await why(rig)
            #expect(after["target"] as? Double == 23.5 && after["state"] as? String == "safe", "\(after)")
            await rig.expect("the hub has it too", of: agent) {
                $0.reportedTarget("thermostat1")?["value"] == 23.5
            }
            #expect(try await ask(rig, "status").contains("disk    answers."))
            await rig.expect("telemetry", of: agent) {
                $0.telemetry().contains { $0.component == "thermostat1" }
            }
            await rig.stop(agent)
        }
    }

    @Test("A program that is told to end while the disk hangs ends in time, and leaves the file as it was")
    func ended() async throws {
        try await Rig.with { rig in
            var agent = try rig.start(rig.lasting)
            await rig.expect("the first report", of: agent) { $0.reportedTarget("thermostat1") != nil }
            _ = try await ask(rig, "set", "thermostat1", "23.5")
            await rig.stop(agent)
            let file = rig.state().appendingPathComponent("state.sqlite")
            let disk = try HangingFile(file)
            agent = try rig.start(rig.lasting)
            #expect(await agent.line(with: Self.late) != nil, "\(agent.output)")
            let start = ContinuousClock.now
            await rig.stop(agent)
            #expect(start.duration(to: .now) < .seconds(10))
            disk.answer()
            agent = try rig.start(rig.lasting)
            #expect(await agent.line(with: "Connected to") != nil, "\(agent.output)")
            await rig.expect("the target of the first run", of: agent) {
                $0.reportedTarget("thermostat1")?["value"] == 23.5
            }
            #expect(!agent.output.contains(Self.late))
            await rig.stop(agent)
        }
    }
}
