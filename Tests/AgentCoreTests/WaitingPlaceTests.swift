// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import Foundation
import HardwareIO
import Quantities
import SensorDrivers
import Simulation
import TestClocks
import Testing

@testable import AgentCore

/// On which threads waits begin: one that begins on another thread wakes that one too, at both ends.
@Suite("Waits", .timeLimit(.minutes(10))) struct WaitingPlaceTests {
    private let time = WatchedTime()
    private let lines = LogLines()

    @Test("A conversion is waited for on the bus's thread") func bus() async {
        let setup = SensorSetup(
            name: SensorName("room"), source: .hardware(driver: "tmp102", place: "test"), bus: "b",
            interval: .seconds(8), offset: 0, patience: nil, standIn: nil
        ) { connections throws(SensorError) in
            let chip = try connections.chip(on: .adapter(SimulatedHardware.adapterName), at: 0x48)
            return try TMP102(chip, part: Part(TMP102.name))
        }
        let hardware = SimulatedHardware(time: time, seed: 1)
        let bus = WatchedBus(bus: "b", hardware: hardware, time: time)
        guard case .reading = await bus.sample(setup) else {
            Issue.record("no reading")
            return
        }
        #expect(Set(time.places.value) == ["bus b"])
        await bus.close()
    }

    @Test("The next look at the clock is waited for on the clock's thread") func clock() async {
        let judge = ClockJudge(
            floor: WallTime(millisecondsSince1970: 0), lastKnown: nil, patience: .zero)
        let clock = JudgedClock(time, bootTime: .now, judge: judge) {
            ClockSigns(kernelIsSynchronised: true)
        }
        let service = ClockService(clock, log: lines.logger, keep: { _ in nil }, wasSet: {})
        let end = Ending()
        let running = Task { await service.run(until: end) }
        while time.places.value.count < 3 { await Task.yield() }
        #expect(Set(time.places.value.prefix(3)) == ["clock"])
        end.tell()
        await running.value
    }
}

/// A clock that runs at once to where somebody waits for, and notes on which thread that was.
private final class WatchedTime: TimeSource {
    let places = Mutexed<[String]>([])
    private let base = VirtualTime()

    func now() -> Now { base.now() }

    func sleep(until deadline: ContinuousClock.Instant) async throws(CancellationError) {
        let name = try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
        places.change { $0.append(name?.trimmingCharacters(in: .newlines) ?? "") }
        try await base.sleep(until: deadline)
    }
}
