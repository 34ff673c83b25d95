// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import PlugAndPlay
import Quantities
import TestClocks
import Testing
import ThermostatControl

@testable import AgentCore

@Suite("StatusLine") struct StatusLineTests {
    @Test("A thermostat with a relay tells its state, and why it waits for a person")
    func relay() async throws {
        let rig = RelayRig()
        func line() async -> String { StatusLine.text(hub: "online", await rig.loop.snapshots()) }
        await rig.loop.tick()
        #expect(await line() == "hub online; thermostat1 waiting")
        await rig.run(from: 1, to: 20, celsius: 10)
        #expect(await line() == "hub online; thermostat1 hold-off")
        await rig.run(from: 21, to: 200, celsius: 10)
        #expect(await line() == "hub online; thermostat1 heating")
        _ = await rig.loop.latchOff("by hand")
        #expect(await line() == "hub online; thermostat1 safe: by hand")
        await rig.loop.reset(.thermostat1)
        await rig.run(from: 201, to: 300, celsius: nil)
        #expect(await line() == "hub online; thermostat1 fault: stale")
    }

    @Test("One that only measures says so, and one without a sensor is left out")
    func measures() async {
        let time = SteppedTime()
        let loop = ControlLoop(
            [.thermostat2: ControlLoop.StationSetup(sensor: SensorName("b"))], isSimulated: false,
            outputs: RecordingLines(), time: time, boot: ControlLoop.Boot(id: nil, start: time.start))
        await loop.tick()
        #expect(
            StatusLine.text(hub: "offline", await loop.snapshots())
                == "hub offline; thermostat2 no sample yet")
        let reading = Reading(
            sensor: SensorName("b"), measurements: [Measurement(.temperature, 20)],
            source: .hardware(driver: "test", place: "test"), takenAt: time.now())
        _ = await loop.record(reading)
        #expect(
            StatusLine.text(hub: "offline", await loop.snapshots())
                == "hub offline; thermostat2 measures, drives no relay")
    }
}
