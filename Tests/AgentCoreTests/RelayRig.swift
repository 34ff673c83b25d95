// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import PlugAndPlay
import Quantities
import StateStore
import TestClocks
import ThermostatControl

@testable import AgentCore

/// A control loop whose first thermostat heats over one line, in a time that the test moves.
struct RelayRig {
    static let line = LineAddress(chip: "gpio", line: .name("GPIO17"))
    static let relay = RelaySetup(
        line: line, use: LineUse(activeLow: true, consumer: "sensor-agent thermostat1"), isReal: true,
        ratedCycles: 1_000)
    static let minimumOff = Duration.seconds(180)

    let time: SteppedTime
    let lines: RecordingLines
    let loop: ControlLoop

    /// Begins at the time's present moment; the machine has been up for an hour then.
    init(
        time: SteppedTime = SteppedTime(), lines: RecordingLines = RecordingLines(), bootID: String? = "boot",
        memory: ThermostatMemory? = nil, effect: EffectSettings = EffectSettings(),
        gate: GateSettings = LoadProfile.electricHeater.gate
    ) {
        self.time = time
        self.lines = lines
        let settings = ControlSettings(
            limits: .withRelay, mode: .heat, gate: gate,
            watch: WatchSettings(period: .seconds(8), siteRange: -40...85), effect: effect,
            drivesRealOutput: true)
        loop = ControlLoop(
            [
                .thermostat1: ControlLoop.StationSetup(
                    sensor: SensorName("a"), settings: settings, relay: Self.relay)
            ],
            isSimulated: false, outputs: lines, time: time,
            boot: ControlLoop.Boot(id: bootID, start: time.start.advanced(by: .seconds(-3_600))),
            memories: memory.map { [.thermostat1: $0] } ?? [:])
    }

    /// Gives the thermostat a sample now.
    func sample(_ celsius: Double) async {
        let reading = Reading(
            sensor: SensorName("a"), measurements: [Measurement(.temperature, celsius)],
            source: .hardware(driver: "test", place: "test"), takenAt: time.now())
        _ = await loop.record(reading)
    }

    /// Ticks every second up to `end` after the start, with a sample of `celsius` every 8 s where there is one.
    func run(from start: Int, to end: Int, celsius: Double?) async {
        for second in start...end {
            time.advance(to: .seconds(second))
            if second.isMultiple(of: 8), let celsius { await sample(celsius + Double(second % 3) * 0.01) }
            await loop.tick()
        }
    }

    /// What the thermostat is doing.
    func snapshot() async throws -> ThermostatSnapshot {
        guard let snapshot = await loop.snapshots().first(where: { $0.id == .thermostat1 }) else {
            throw Missing()
        }
        return snapshot
    }

    /// The codes of the present faults.
    func faults() async throws -> [FaultCode] {
        try await snapshot().faults.filter { $0.clearedAt == nil }.map(\.code)
    }

    /// Ends the loop; what it wanted to be remembered of the thermostat last.
    func lastMemory() async -> ThermostatMemory? {
        await loop.finish()
        var memory: ThermostatMemory?
        for await notice in loop.notices {
            if case .remember(.thermostat1, let latest) = notice { memory = latest }
        }
        return memory
    }

    struct Missing: Error {}
}
