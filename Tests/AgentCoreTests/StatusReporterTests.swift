// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import PlugAndPlay
import Quantities
import StrictJSON
import TestClocks
import Testing
import ThermostatControl

@testable import AgentCore

@Suite("How often agentStatus is reported", .timeLimit(.minutes(10))) struct StatusReporterTests {
    @Test(
        "Faults at the start and every two minutes, relays every ten, with a new fault and a cycle each second"
    )
    func rate() async throws {
        let gate = GateSettings(minimumOn: .zero, minimumOff: .zero, maximumOn: .seconds(3_600))
        let rig = try await CloudRig(relay: RelayRig(gate: gate))
        let end = Ending()
        let reporter = StatusReporter(control: rig.relay.loop, cloud: rig.cloud, time: rig.time)
        let running = Task { await reporter.run(until: end) }
        await rig.time.sleepers(at: [.seconds(120)])
        var faults = await rig.cloud.reported.value("agentStatus", "faults")
        var relays = await rig.cloud.reported.value("agentStatus", "relays")
        #expect(faults == [] && relays?["thermostat1"]?["cycles"] == 0)
        var changes: (faults: [Int], relays: [Int]) = ([], [])
        for second in 1...1_320 {
            rig.time.advance(to: .seconds(second))
            if second.isMultiple(of: 120) { await rig.time.sleepers(at: [.seconds(second + 120)]) }
            await rig.relay.loop.reset(.thermostat1)
            await rig.relay.sample(15 + Double(second % 7) * 0.01)
            await rig.relay.loop.tick()
            _ = await rig.relay.loop.latchOff("a test")
            let now = await (
                faults: rig.cloud.reported.value("agentStatus", "faults"),
                relays: rig.cloud.reported.value("agentStatus", "relays")
            )
            if now.faults != faults { changes.faults.append(second) }
            if now.relays != relays { changes.relays.append(second) }
            (faults, relays) = now
        }
        #expect(changes.faults == Array(stride(from: 120, through: 1_320, by: 120)))
        #expect(changes.relays == [600, 1_200])
        end.tell()
        await running.value
    }
}
