// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ChipModels
import HardwareIO
import Logging
import Quantities
import SensorDrivers
import Simulation
import Synchronization
import TestClocks
import Testing

@Suite("Sampling", .timeLimit(.minutes(10))) struct SamplingTests {
    private let time: VirtualTime
    private let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private init(time: VirtualTime) { self.time = time }
    init() { self.init(time: VirtualTime()) }

    private func setup(standIn: SensorSetup.StandIn? = nil, offset: Double = 0) -> SensorSetup {
        SensorSetup(
            name: SensorName("room"), source: .hardware(driver: "tmp102", place: "test"), bus: "b",
            interval: .seconds(8), offset: offset, patience: nil, standIn: standIn, open: Self.open)
    }

    private static let open: SensorSetup.Opening = { connections throws(SensorError) in
        let chip = try connections.chip(on: .adapter(SimulatedHardware.adapterName), at: 0x48)
        return try TMP102(chip, part: Part(TMP102.name))
    }

    /// The first `count` readings of a service, and when they were taken.
    private func readings(_ count: Int, _ setup: SensorSetup, _ hardware: SimulatedHardware) async
        -> [Reading]
    {
        let (stream, feed) = AsyncStream<Reading>.makeStream()
        let service = SamplingService(setups: [setup], hardware: hardware, time: time, log: log) {
            for reading in $0 { feed.yield(reading) }
        }
        let task = Task { await service.run(until: Ending()) }
        var readings: [Reading] = []
        for await reading in stream {
            readings.append(reading)
            if readings.count == count { break }
        }
        task.cancel()
        await task.value
        return readings
    }

    @Test("Readings come on the grid, however long a conversion takes") func grid() async throws {
        let readings = await readings(20, setup(), SimulatedHardware(time: time, seed: 1))
        let first = try #require(readings.first).takenAt.monotonic
        for (index, reading) in readings.enumerated() {
            let offset = first.duration(to: reading.takenAt.monotonic)
            #expect(offset == .seconds(8 * index), "\(index)")
            #expect((-55...127.9).contains(reading.good(.temperature) ?? .nan))
        }
    }

    @Test("The calibration offset is added once") func offset() async throws {
        let plain = try #require(await readings(1, setup(), SimulatedHardware(time: time, seed: 7)).first)
        let other = VirtualTime()
        let shifted = SamplingTests(time: other)
        let moved = try #require(
            await shifted.readings(1, shifted.setup(offset: -1.5), SimulatedHardware(time: other, seed: 7))
                .first)
        #expect(try #require(moved.good(.temperature)) == (try #require(plain.good(.temperature))) - 1.5)
    }

    @Test("One failed transaction is made good within the sample; a dead chip gives no reading at all")
    func faults() async throws {
        let hardware = SimulatedHardware(time: time, seed: 2)
        let worker = BusWorker(bus: "b", hardware: hardware, time: time)
        _ = try await worker.sample(setup()).get()
        hardware.wires.inject(.noAcknowledge, at: 0x48, times: 1)
        _ = try await worker.sample(setup()).get()
        hardware.wires.inject(.noAcknowledge, at: 0x48)
        guard case .failure(let error) = await worker.sample(setup()) else {
            Issue.record("a reading of a dead chip")
            return
        }
        #expect(error.kind == .notFound)
        hardware.wires.clearFaults()
        _ = try await worker.sample(setup()).get()
    }

    @Test("A stand-in is marked as simulated, and the real chip takes over when it answers") func standIn()
        async throws
    {
        let hardware = SimulatedHardware(time: time, seed: 3)
        let standIn = SensorSetup.StandIn(
            source: .simulated(driver: "tmp102"), hardware: SimulatedHardware(time: time, seed: 4),
            open: Self.open)
        let setup = setup(standIn: standIn)
        hardware.wires.inject(.noAcknowledge, at: 0x48)
        let readings = await readings(5, setup, hardware)
        #expect(readings.allSatisfy { $0.source.isSimulated })
        hardware.wires.clearFaults()
        let reading = try #require(await self.readings(1, setup, hardware).first)
        #expect(!reading.source.isSimulated)
    }

    @Test("A value that needs confirmation is told as a failure and not delivered") func suspect()
        async throws
    {
        let setup = SensorSetup(
            name: SensorName("room"), source: .hardware(driver: "fake", place: "test"), bus: "b",
            interval: .seconds(8), patience: nil, open: { _ in Doubtful() })
        let reading = try #require(await readings(1, setup, SimulatedHardware(time: time, seed: 5)).first)
        #expect(reading.good(.temperature) == 21)
    }

    /// Doubts its first two conversions.
    private struct Doubtful: Sensor {
        var conversions = 0
        mutating func startConversion() throws(SensorError) -> Duration {
            conversions += 1
            return .zero
        }
        mutating func collect() throws(SensorError) -> Progress {
            guard conversions > 2 else {
                return .finished([
                    Measurement(.temperature, 85, quality: .suspect(.possiblePowerOnValue))
                ])
            }
            return .finished([Measurement(.temperature, 21)])
        }
        mutating func restore() {}
    }
}
