// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import PlugAndPlay
import Quantities
import StateStore
import TestClocks
import Testing
import ThermostatControl

@testable import AgentCore

@Suite("What relays remember over a restart") struct RelayMemoryTests {
    @Test("Target, mode, latch and the relay's record are remembered and restored") func restored()
        async throws
    {
        let first = RelayRig()
        await first.run(from: 0, to: 184, celsius: 15)
        #expect(await first.loop.set(target: 23, mode: .cool, of: .thermostat1) == .accepted(23))
        _ = await first.loop.latchOff("a test")
        first.time.advance(to: .seconds(190))
        await first.loop.end()
        let memory = try #require(await first.lastMemory())
        #expect(memory.target == 23 && memory.mode == "cool" && memory.latch == "a test")
        #expect(memory.cycles == 1)
        #expect(memory.onTime >= .seconds(1) && memory.onTime <= .seconds(10))

        let second = RelayRig(memory: memory)
        await second.loop.tick()
        let snapshot = try await second.snapshot()
        #expect(snapshot.decision.target == 23 && snapshot.decision.mode == .cool)
        #expect(snapshot.decision.state == .safe && snapshot.decision.latch == "a test")
        #expect(snapshot.relay?.cycles == 1 && snapshot.relay?.onTime == memory.onTime)
    }

    @Test(
        "The off time that is proven counts on the same boot only",
        arguments: [("boot", "boot", true), ("boot", "other", false), (nil, "boot", false)])
    func proof(before: String?, after: String, counts: Bool) async throws {
        let time = SteppedTime()
        let first = RelayRig(time: time, bootID: before)
        await first.run(from: 0, to: 184, celsius: 15)
        await first.loop.end()
        let memory = try #require(await first.lastMemory())
        #expect(memory.bootID == before)
        #expect(memory.offAt == (before == nil ? memory.offAt : .seconds(3_600 + 184)))

        time.advance(to: .seconds(184 + 170))
        let second = RelayRig(time: time, bootID: after, memory: memory)
        await second.run(from: 354, to: 368, celsius: 15)
        #expect(second.lines.sets(of: RelayRig.line).contains(true) == counts)
    }

    @Test("A relay that was on when the program was killed gives no proof of an off time")
    func killed() async throws {
        let rig = RelayRig()
        await rig.run(from: 0, to: 100, celsius: 15)
        // Has the off relay remembered, which is a proof until it goes on.
        _ = await rig.loop.set(target: 21, mode: nil, of: .thermostat1)
        await rig.run(from: 101, to: 184, celsius: 15)
        // No end: the last that was remembered is all that a next run gets.
        let memory = try #require(await rig.lastMemory())
        #expect(memory.offAt == nil && memory.lockedUntil == nil)
    }

    @Test("Only an orderly end gives proof, because a store that fails later could not take it back")
    func neverOn() async throws {
        for isOrderly in [false, true] {
            let rig = RelayRig()
            await rig.run(from: 0, to: 301, celsius: 25)
            if isOrderly { await rig.loop.end() }
            let memory = try #require(await rig.lastMemory())
            #expect(memory.bootID == "boot" && memory.offAt == (isOrderly ? .seconds(3_600) : nil))
        }
    }

    @Test(
        "A lock-out goes on over the end of a killed program, on another boot from its beginning",
        arguments: ["boot", "other"])
    func lockOutOverRestart(boot: String) async throws {
        let gate = GateSettings(
            minimumOn: .seconds(20), minimumOff: .seconds(30), maximumOn: .seconds(60), lockOut: .seconds(360)
        )
        let time = SteppedTime()
        let first = RelayRig(time: time, gate: gate)
        await first.run(from: 0, to: 200, celsius: 15)
        let ended = try await first.snapshot()
        #expect(ended.decision.state == .limit)
        let began = 200 - Int(ended.decision.remaining.map { 360 - $0.components.seconds } ?? 0)
        // No end: the last that was remembered is all that a next run gets.
        let memory = try #require(await first.lastMemory())
        #expect(memory.lockedUntil == .seconds(3_600 + began + 360))

        let second = RelayRig(time: time, bootID: boot, memory: memory, gate: gate)
        let end = boot == "boot" ? began + 360 : 200 + 360
        await second.run(from: 201, to: end - 1, celsius: 15)
        #expect(!second.lines.sets(of: RelayRig.line).contains(true))
        let locked = try await second.snapshot()
        #expect(locked.decision.state == .limit && locked.decision.faults.map(\.code) == [.limit])
        await second.run(from: end, to: end + 2, celsius: 15)
        #expect(second.lines.sets(of: RelayRig.line).last == true)
        #expect(try #require(await second.lastMemory()).lockedUntil == nil)
    }

    @Test("An alarm that locks out is remembered at once, and holds over a restart until a reset")
    func lockOut() async throws {
        let effect = EffectSettings(noEffectAfter: .seconds(60), locksOut: true)
        let time = SteppedTime()
        let first = RelayRig(time: time, effect: effect)
        await first.run(from: 0, to: 250, celsius: 15)
        #expect(try await first.faults() == [.noEffect])
        // No end: the last that was remembered is all that a next run gets.
        let memory = try #require(await first.lastMemory())
        #expect(memory.latch == "the relay is on and the temperature does not follow")

        let second = RelayRig(time: time, memory: memory, effect: effect)
        await second.run(from: 251, to: 600, celsius: 15)
        #expect(!second.lines.sets(of: RelayRig.line).contains(true))
        #expect(try await second.snapshot().decision.state == .safe)
        await second.loop.reset(.thermostat1)
        await second.run(from: 601, to: 610, celsius: 15)
        #expect(second.lines.sets(of: RelayRig.line).last == true)
        #expect(try #require(await second.lastMemory()).latch == nil)
    }

    @Test("A sensor that fails again and again wears no card: its faults are not remembered")
    func flappingSensor() async throws {
        let rig = RelayRig()
        for round in 0..<30 {
            await rig.run(from: round * 40, to: round * 40 + 31, celsius: 15)
            for _ in 0..<WatchSettings.failuresUntilFault {
                await rig.loop.recordFailure(of: SensorName("a"))
            }
        }
        #expect(try await rig.snapshot().faults.count >= 30)
        await rig.loop.finish()
        var count = 0
        for await notice in rig.loop.notices { if case .remember = notice { count += 1 } }
        #expect(count == 3, "once every five minutes of twenty")
    }

    @Test("Off lines are told without an agent, whatever happens to the others") func shutOff() {
        let lines = RecordingLines()
        var other = RelayRig.relay
        other.line.line = .offset(4)
        var simulated = RelayRig.relay
        simulated.isReal = false
        lines.stick(other.line, true)
        let outcomes = RelayShutOff.run([RelayRig.relay, other, simulated], on: lines)
        #expect(
            outcomes == [
                .init(line: RelayRig.line, result: .confirmedOff), .init(line: other.line, result: .readsOn),
            ])
        #expect(lines.sets(of: RelayRig.line) == [false])
        #expect(lines.calls.contains(.release(RelayRig.line)))
        let busy = BusError(.busy, operation: "request", location: "x")
        lines.refuse(busy)
        #expect(RelayShutOff.run([RelayRig.relay], on: lines).map(\.result) == [.failed(busy)])
    }
}
