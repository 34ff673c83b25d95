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

@Suite("Two thermostats, two relays, two sensors") struct TwoThermostatsTests {
    private static let other = LineAddress(chip: "gpio", line: .name("GPIO27"))

    private let time = SteppedTime()
    private let lines = RecordingLines()

    /// The first heats by sensor a; the second, where it `isCooling`, cools by the same one.
    private func loop(
        second: SensorName? = nil, isCooling: Bool = false, memory: ThermostatMemory? = nil
    ) -> ControlLoop {
        let gate = GateSettings(minimumOn: .seconds(20), minimumOff: .seconds(30), maximumOn: .seconds(3_600))
        let watch = WatchSettings(period: .seconds(8))
        var settings = ControlSettings(
            limits: .withRelay, mode: .heat, gate: gate, watch: watch, drivesRealOutput: true)
        settings.second = second.map { _ in
            ControlSettings.Second(
                watch: watch, crossCheck: CrossCheckSettings(limit: 2, patience: .seconds(30)))
        }
        var stations: [ThermostatID: ControlLoop.StationSetup] = [
            .thermostat1: ControlLoop.StationSetup(
                sensor: SensorName("a"), second: second, settings: settings, relay: RelayRig.relay)
        ]
        if isCooling {
            settings.mode = .cool
            var relay = RelayRig.relay
            relay.line = Self.other
            stations[.thermostat2] = ControlLoop.StationSetup(
                sensor: SensorName("a"), settings: settings, relay: relay)
        }
        return ControlLoop(
            stations, isSimulated: false, outputs: lines, time: time,
            boot: ControlLoop.Boot(id: "boot", start: time.start),
            memories: memory.map { [.thermostat1: $0] } ?? [:])
    }

    /// Ticks every second, with a sample of each sensor every 8 s.
    private func run(
        _ loop: ControlLoop, from start: Int, to end: Int, _ celsius: [String: Double]
    ) async {
        for second in start...end {
            time.advance(to: .seconds(second))
            for (sensor, value) in celsius where second.isMultiple(of: 8) {
                let reading = Reading(
                    sensor: SensorName(sensor),
                    measurements: [Measurement(.temperature, value + Double(second % 3) * 0.01)],
                    source: .hardware(driver: "test", place: "test"), takenAt: time.now())
                _ = await loop.record(reading)
            }
            await loop.tick()
        }
    }

    private func notices(_ loop: ControlLoop) async -> [ControlLoop.Notice] {
        await loop.finish()
        var notices: [ControlLoop.Notice] = []
        for await notice in loop.notices { notices.append(notice) }
        return notices
    }

    @Test("One sensor serves two relays: where one heats the other does not cool, and the other way round")
    func sharedSensor() async {
        let loop = loop(isCooling: true)
        await run(loop, from: 0, to: 60, ["a": 15])
        #expect(lines.sets(of: RelayRig.line).last == true)
        #expect(lines.sets(of: Self.other).last == false)
        await run(loop, from: 61, to: 140, ["a": 25])
        #expect(lines.sets(of: RelayRig.line).last == false)
        #expect(lines.sets(of: Self.other).last == true)
        #expect(await loop.latchOff("a test").isEmpty)
        #expect(lines.sets(of: Self.other).last == false)
    }

    @Test("A second sensor that reads something else switches the relay off and is told")
    func crossCheck() async {
        let loop = loop(second: SensorName("b"))
        await run(loop, from: 0, to: 60, ["a": 15, "b": 15.5])
        #expect(lines.sets(of: RelayRig.line).last == true)
        await run(loop, from: 61, to: 120, ["a": 15, "b": 18.5])
        #expect(lines.sets(of: RelayRig.line).last == false)
        let snapshot = await loop.snapshots().first
        #expect(snapshot?.decision.state == .fault)
        #expect(snapshot?.decision.faults.map(\.code) == [.sensorsDisagree])
        #expect(snapshot?.decision.sentence.contains("15.0 and 18.5 °C") == true)
    }

    @Test("A target is accepted at once while the relay waits for its off time")
    func acceptedInHoldOff() async {
        let loop = loop()
        await run(loop, from: 0, to: 9, ["a": 15])
        #expect(await loop.snapshots().first?.decision.state == .holdOff)
        let (verdict, target) = await loop.apply(ThermostatSettings(target: 23), to: .thermostat1)
        #expect(verdict == .accepted(23) && target == 23)
        #expect(await loop.snapshots().first?.decision.state == .holdOff)
    }

    @Test("The record of a relay that switches often is stored every five minutes")
    func ledger() async {
        let loop = loop()
        for cycle in 0..<12 {
            await run(loop, from: cycle * 100, to: cycle * 100 + 49, ["a": 15])
            await run(loop, from: cycle * 100 + 50, to: cycle * 100 + 99, ["a": 24])
        }
        let memories = await notices(loop).compactMap { notice in
            if case .remember(.thermostat1, let memory) = notice { memory } else { nil }
        }
        #expect(memories.count == 3, "\(memories.map(\.cycles))")
        #expect(memories.last.map { $0.cycles >= 8 } == true)
    }

    @Test("A restored target that is not allowed any more is limited, and that is told")
    func limitedTarget() async {
        var memory = ThermostatMemory()
        memory.target = 50
        let loop = loop(memory: memory)
        #expect(await loop.target(of: .thermostat1) == 35)
        let told = await notices(loop).compactMap { notice in
            if case .targetLimited(.thermostat1, let wanted, let limited) = notice {
                [wanted, limited]
            } else {
                nil
            }
        }
        #expect(told == [[50, 35]])
    }
}
