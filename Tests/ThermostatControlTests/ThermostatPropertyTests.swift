// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import Quantities
import Simulation
import Testing
import ThermostatLife

@testable import ThermostatControl

@Suite("Thermostat, random events")
struct ThermostatPropertyTests {
    /// How many steps; `make soak` takes a hundred times as many.
    private static let steps = 1_000_000
    private static let stepsPerLife = 5_000

    @Test("no sequence of events breaks a rule of safety, and every state is seen")
    func invariants() {
        var states: Set<ThermostatState> = []
        var (switches, restartsInLockOut) = (0, 0)
        for seed in 0..<UInt64(max(1, Self.steps / Self.stepsPerLife)) {
            var life = RandomLife(seed: seed)
            life.live(steps: Self.stepsPerLife)
            #expect(life.violations == [], "seed \(seed)")
            states.formUnion(life.statesSeen)
            switches += life.switches
            restartsInLockOut += life.restartsInLockOut
        }
        #expect(states == Set(ThermostatState.allCases))
        // A thermostat that never switches would keep every rule.
        #expect(switches > Self.steps / 500)
        #expect(restartsInLockOut > 0)
    }

    @Test("the same events give the same decisions", arguments: [3, 71, 4_096] as [UInt64])
    func repeatable(seed: UInt64) {
        var (one, other) = (RandomLife(seed: seed), RandomLife(seed: seed))
        one.live(steps: 2_000)
        other.live(steps: 2_000)
        #expect(one.trace == other.trace)
        #expect(one.switches > 0)
    }

    @Test("a room stays within the band and what the minimum times cost", arguments: LoadProfile.allCases)
    func roomStaysInBand(profile: LoadProfile) throws {
        var generator = SeededGenerator(seed: 11)
        let configuration = ControlSettings(
            limits: .withRelay, mode: .heat, gate: profile.gate, watch: WatchSettings(period: .seconds(8)),
            drivesRealOutput: false)
        var properties = Room.Properties()
        properties.sensorNoise = 0
        var room = Room(properties, celsius: 17, heaterPower: 0)
        var clock = ContinuousClock.now
        var now = Now(monotonic: clock, wall: nil, wallIsTrusted: false)
        var thermostat = Thermostat(configuration, startedAt: now)
        #expect(thermostat.apply(ThermostatSettings(target: 21)) == .accepted(21))
        var reached = false
        var (warmest, coldest) = (0.0, 100.0)
        for _ in 0..<20_000 {
            clock = clock.advanced(by: .seconds(8))
            room.step(by: .seconds(8))
            now = Now(monotonic: clock, wall: nil, wallIsTrusted: false)
            let sample = TemperatureSample(celsius: room.sensed(using: &generator), takenAt: now)
            let decision = thermostat.handle(.sample(sample, .first), at: now)
            room.heaterPower = decision.relay ? 1 : 0
            if room.celsius >= 21 { reached = true }
            guard reached else { continue }
            warmest = max(warmest, room.celsius)
            coldest = min(coldest, room.celsius)
        }
        // The fastest that this room can warm and cool, in K per second, times the longest that the gate may hold.
        let constant = 2.0 * 3600
        let warming =
            (properties.heaterRise + properties.outdoorMean + properties.outdoorSwing - 20) / constant
        let cooling = (22 - (properties.outdoorMean - properties.outdoorSwing)) / constant
        let step = 8.0
        #expect(reached)
        #expect(warmest <= 21 + 0.2 + warming * (profile.gate.minimumOn.inSeconds + step))
        #expect(coldest >= 21 - 0.5 - cooling * (profile.gate.minimumOff.inSeconds + step))
    }
}
