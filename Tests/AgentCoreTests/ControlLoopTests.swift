// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ChipModels
import HardwareIO
import PlugAndPlay
import Quantities
import Simulation
import StateStore
import TestClocks
import Testing
import ThermostatControl

@Suite("Control loop") struct ControlLoopTests {
    private func reading(_ celsius: Double, sensor: String = "a", quality: Quality = .good) -> Reading {
        Reading(
            sensor: SensorName(sensor), measurements: [Measurement(.temperature, celsius, quality: quality)],
            source: .simulated(driver: "test"), takenAt: VirtualTime().now())
    }

    private func loop(_ sensors: [ThermostatID: String], isSimulated: Bool) -> ControlLoop {
        let time = VirtualTime()
        return ControlLoop(
            sensors.mapValues { ControlLoop.StationSetup(sensor: SensorName($0)) }, isSimulated: isSimulated,
            outputs: SimulatedHardware(time: time, seed: 1), time: time,
            boot: ControlLoop.Boot(id: nil, start: time.now().monotonic))
    }

    @Test("A shared sensor serves both thermostats, another one neither") func shared() async {
        let loop = loop([.thermostat1: "a", .thermostat2: "a"], isSimulated: true)
        #expect(await loop.record(reading(21)).map(\.thermostat) == [.thermostat1, .thermostat2])
        #expect(await loop.record(reading(21, sensor: "b")).isEmpty)
    }

    @Test("A value that needs confirmation is not passed on and not remembered") func suspect() async {
        let loop = loop([.thermostat1: "a"], isSimulated: true)
        #expect(await loop.record(reading(85, quality: .suspect(.possiblePowerOnValue))).isEmpty)
        #expect(await loop.summary(of: .thermostat1, since: .now.advanced(by: .seconds(-60))) == nil)
    }

    @Test("A stand-in's value is passed on and not remembered") func standIn() async {
        let loop = loop([.thermostat1: "a"], isSimulated: false)
        #expect(await loop.record(reading(21)).map(\.isSimulated) == [true])
        #expect(await loop.summary(of: .thermostat1, since: .now.advanced(by: .seconds(-60))) == nil)
    }

    @Test("A target is kept per thermostat, and a refused one changes nothing") func targets() async {
        let loop = loop([:], isSimulated: true)
        #expect(await loop.apply(ThermostatSettings(target: 25), to: .thermostat2).target == 25)
        let (verdict, target) = await loop.apply(ThermostatSettings(target: 200), to: .thermostat2)
        #expect(target == 25)
        guard case .rejected = verdict else {
            Issue.record("accepted 200 °C")
            return
        }
        #expect(await loop.target(of: .thermostat1) == 20)
        #expect(await loop.restore(target: 7, of: .thermostat1) == 7)
    }

    @Test(
        "A relay that is not real reaches the simulated outputs only, a real one the others",
        arguments: [true, false])
    func outputs(isReal: Bool) async {
        let time = VirtualTime()
        let real = SimulatedHardware(time: time, seed: 1)
        let simulated = SimulatedHardware(time: time, seed: 2)
        let relay = RelaySetup(
            line: LineAddress(chip: SimulatedHardware.heaterChip, line: .offset(0)),
            use: LineUse(activeLow: false, consumer: "test"), isReal: isReal)
        let loop = ControlLoop(
            [.thermostat1: ControlLoop.StationSetup(sensor: SensorName("a"), relay: relay)],
            isSimulated: false, outputs: real, simulatedOutputs: simulated, time: time,
            boot: ControlLoop.Boot(id: nil, start: time.now().monotonic))
        for hardware in [real, simulated] { _ = hardware.withRoom(0) { $0.heaterPower = 1 } }
        await loop.tick()
        // A requested line is off from its first moment on.
        #expect(real.withRoom(0) { $0.heaterPower } == (isReal ? 0 : 1))
        #expect(simulated.withRoom(0) { $0.heaterPower } == (isReal ? 1 : 0))
    }

    @Test("Only a mode that somebody has chosen outlives the program; else the configuration's holds")
    func chosenMode() async {
        func remembered(_ memory: ThermostatMemory?, choosing mode: ThermostatMode?) async -> [String?] {
            let time = VirtualTime()
            var settings = ControlSettings.withoutRelay()
            settings.mode = .heat
            let relay = RelaySetup(
                line: LineAddress(chip: "c", line: .offset(0)),
                use: LineUse(activeLow: false, consumer: "test"), isReal: false)
            let loop = ControlLoop(
                [.thermostat1: ControlLoop.StationSetup(settings: settings, relay: relay)],
                isSimulated: true, outputs: SimulatedHardware(time: time, seed: 1), time: time,
                boot: ControlLoop.Boot(id: nil, start: time.now().monotonic),
                memories: memory.map { [.thermostat1: $0] } ?? [:])
            if let mode { _ = await loop.set(target: nil, mode: mode, of: .thermostat1) }
            await loop.end()
            await loop.finish()
            var modes: [String?] = []
            for await notice in loop.notices {
                if case .remember(.thermostat1, let memory) = notice { modes.append(memory.mode) }
            }
            return modes
        }
        #expect(await remembered(nil, choosing: nil) == [nil])
        #expect(await remembered(nil, choosing: .cool) == ["cool", "cool"])
        var memory = ThermostatMemory()
        memory.mode = "off"
        #expect(await remembered(memory, choosing: nil) == ["off"])
    }
}
