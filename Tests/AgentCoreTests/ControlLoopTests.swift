// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import PlugAndPlay
import Quantities
import Simulation
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
}
