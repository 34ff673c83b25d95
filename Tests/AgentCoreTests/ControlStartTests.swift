// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import PlugAndPlay
import Quantities
import StateStore
import TestClocks
import Testing
import ThermostatControl

@testable import AgentCore

@Suite("Control on a disk that hangs at the start", .timeLimit(.minutes(10)))
struct ControlStartTests {
    private let rig = RelayRig()
    private let lines = LogLines()

    private static var memory: ThermostatMemory {
        var memory = ThermostatMemory()
        memory.target = 23
        memory.mode = "heat"
        memory.cycles = 7
        memory.onTime = .seconds(70)
        return memory
    }

    /// What the agent asks a store for at its start.
    private func past(_ store: StateStore) -> Task<[ThermostatID: ThermostatMemory], Never> {
        Task {
            let memory = try? await store.takeMemory(of: "thermostat1")
            return memory.map { [.thermostat1: $0] } ?? [:]
        }
    }

    private func begin(
        _ past: Task<[ThermostatID: ThermostatMemory], Never>
    ) -> Task<Bool, Never> {
        let start = ControlStart(rig.loop, time: rig.time, log: lines.logger)
        return Task { [rig] in await start.begin(with: past, by: rig.time.start + ControlStart.patience) }
    }

    /// Begins without the past, which the disk does not give within the limit.
    private func beginLate(_ store: StateStore) async {
        await rig.loop.switchOff()
        let beginning = begin(past(store))
        await rig.time.sleepers(at: [ControlStart.patience])
        rig.time.advance(to: ControlStart.patience)
        #expect(await beginning.value == false)
    }

    private var wasOn: Bool { rig.lines.sets(of: RelayRig.line).contains(true) }

    @Test("The relay is off while the disk hangs; control begins after the limit and the longest lock-out")
    func hanging() async throws {
        let disk = try await BlockedDisk { try await $0.setMemory(Self.memory, of: "thermostat1") }
        let store = disk.store { [rig] in rig.time.now().monotonic }
        await rig.loop.switchOff()
        #expect(
            rig.lines.calls == [
                .open(RelayRig.line, activeLow: true, consumer: "sensor-agent thermostat1"),
                .set(RelayRig.line, false), .read(RelayRig.line),
            ], "before anything is asked of the disk")
        await beginLate(store)
        #expect(await rig.loop.isPastUnknown)
        #expect(
            lines.all.contains { $0.hasPrefix("warning The disk with the state directory has not answered") })
        await rig.run(from: 3, to: 361, celsius: 15)
        #expect(!wasOn, "twice the minimum off time, since a lock-out may have run")
        #expect(try await rig.snapshot().decision.state == .holdOff)
        #expect(try await rig.snapshot().decision.target == 20)
        await rig.run(from: 362, to: 376, celsius: 15)
        #expect(wasOn, "the disk hangs as before")
        let disks = AgentStatus.Disk(
            busySince: store.busySince, isDurable: store.wasDurable,
            isPastUnknown: await rig.loop.isPastUnknown, at: rig.time.now().monotonic)
        #expect(disks.state == .hangs && disks.hangsFor == .seconds(376) && disks.isPastUnknown)
        disk.answer()
    }

    @Test("What comes in time is taken up as at any start, with the line held from the first moment on")
    func inTime() async throws {
        let disk = try await BlockedDisk { try await $0.setMemory(Self.memory, of: "thermostat1") }
        disk.answer()
        await rig.loop.switchOff()
        let past = past(disk.store { [rig] in rig.time.now().monotonic })
        _ = await past.value
        #expect(await begin(past).value)
        await rig.run(from: 1, to: 192, celsius: 15)
        #expect(wasOn && rig.lines.requests(of: RelayRig.line) == 1)
        let snapshot = try await rig.snapshot()
        #expect(snapshot.decision.target == 23 && snapshot.relay?.cycles == 8)
        #expect(await !rig.loop.isPastUnknown)
        #expect(lines.all.isEmpty)
    }

    @Test("A latch that the disk gives later is in force at once, and so are target, mode and record")
    func late() async throws {
        var memory = Self.memory
        memory.latch = "a test"
        memory.mode = "cool"
        let disk = try await BlockedDisk { [memory] in try await $0.setMemory(memory, of: "thermostat1") }
        await beginLate(disk.store { [rig] in rig.time.now().monotonic })
        await rig.run(from: 3, to: 376, celsius: 15)
        #expect(wasOn)
        disk.answer()
        while await rig.loop.isPastUnknown { await Task.yield() }
        let snapshot = try await rig.snapshot()
        #expect(snapshot.decision.latch == "a test" && snapshot.decision.state == .safe)
        #expect(snapshot.relay?.readBack == false)
        #expect(snapshot.decision.target == 23 && snapshot.decision.mode == .cool)
        #expect(snapshot.relay?.cycles == 8)
        while lines.all.count < 2 { await Task.yield() }
        #expect(lines.all[1].hasPrefix("notice The disk answers"))
        let stored = try #require(await rig.lastMemory())
        #expect(stored.latch == "a test" && stored.cycles == 8 && stored.target == 23)
    }

    @Test("Once the disk says that no lock-out ran, only the minimum off time is waited for") func noLockOut()
        async throws
    {
        let disk = try await BlockedDisk { try await $0.setMemory(Self.memory, of: "thermostat1") }
        await beginLate(disk.store { [rig] in rig.time.now().monotonic })
        await rig.run(from: 3, to: 20, celsius: 15)
        disk.answer()
        while await rig.loop.isPastUnknown { await Task.yield() }
        await rig.run(from: 21, to: 181, celsius: 15)
        #expect(!wasOn)
        await rig.run(from: 182, to: 200, celsius: 15)
        #expect(wasOn)
    }

    @Test(
        "A lock-out that ran goes on, on the boot that it began in and on another",
        arguments: ["boot", "other"])
    func lockOut(boot: String) async throws {
        var memory = Self.memory
        memory.bootID = boot
        // The machine has been up for an hour at the start.
        memory.lockedUntil = .seconds(3_600 + 300)
        await rig.loop.beginWithoutPast()
        await rig.run(from: 1, to: 10, celsius: 15)
        await rig.loop.learn([.thermostat1: memory])
        let end = boot == "boot" ? 300 : 360
        await rig.run(from: 11, to: end - 1, celsius: 15)
        #expect(!wasOn)
        #expect(try await rig.snapshot().decision.state == .limit)
        await rig.run(from: end, to: end + 16, celsius: 15)
        #expect(wasOn)
    }

    @Test("What this run was told stands against what comes later") func told() async throws {
        var memory = Self.memory
        memory.mode = "cool"
        memory.latch = "before the restart"
        await rig.loop.beginWithoutPast()
        await rig.loop.tick()
        #expect(await rig.loop.set(target: 21, mode: .heat, of: .thermostat1) == .accepted(21))
        await rig.loop.reset(.thermostat1)
        await rig.loop.learn([.thermostat1: memory])
        let decision = try await rig.snapshot().decision
        #expect(decision.target == 21 && decision.mode == .heat && decision.latch == nil)
        let stored = try #require(await rig.lastMemory())
        #expect(stored.target == 21 && stored.latch == nil && stored.cycles == 7)
    }

    @Test("A target that the hub took back is not brought back") func takenBack() async throws {
        await rig.loop.beginWithoutPast()
        await rig.loop.tick()
        _ = await rig.loop.apply(ThermostatSettings(target: nil), to: .thermostat1)
        await rig.loop.learn([.thermostat1: Self.memory])
        #expect(try await rig.snapshot().decision.target == 20)
    }

    @Test("Before the past is known nothing is told to be stored in its place, not even at the end")
    func untouched() async throws {
        await rig.loop.beginWithoutPast()
        #expect(await rig.loop.set(target: 21, mode: .cool, of: .thermostat1) == .accepted(21))
        _ = await rig.loop.latchOff("a test")
        await rig.run(from: 1, to: 700, celsius: 15)
        await rig.loop.end()
        #expect(await rig.lastMemory() == nil)
    }
}
