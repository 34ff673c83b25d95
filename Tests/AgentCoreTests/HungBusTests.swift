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

@Suite("A bus that hangs", .timeLimit(.minutes(10))) struct HungBusTests {
    private let time = SteppedTime()
    private let hardware = HangingHardware()
    private let results = LatestResults()
    private let log = LogLines()

    /// Two sensors on the bus that hangs, the second due once an hour, and one on a sound bus.
    private func setups(standIn: SensorSetup.StandIn? = nil) -> [SensorSetup] {
        [
            hardware.setup("a", on: HangingHardware.hung, at: 0x10, standIn: standIn),
            hardware.setup("b", on: HangingHardware.hung, at: 0x11, every: 3600),
            hardware.setup("c", on: HangingHardware.sound, at: 0x20),
        ]
    }

    private func reports(_ setups: [SensorSetup]) -> [SensorReport] {
        results.reports(setups, at: time.now())
    }

    /// Runs `body` while the setups are sampled, with the readings so far; afterwards the stuck thread is released.
    private func sampling(
        _ setups: [SensorSetup], _ body: (_ delivered: () -> [Reading]) async throws -> Void
    ) async rethrows {
        let delivered = DeliveredReadings()
        let service = SamplingService(
            setups: setups, hardware: hardware, time: time, log: log.logger, results: results
        ) { delivered.append($0) }
        let task = Task { await service.run(until: Ending()) }
        defer { hardware.release() }
        do { try await body { delivered.all } } catch {
            task.cancel()
            throw error
        }
        task.cancel()
        await task.value
    }

    @Test("It is told for all of its sensors after five seconds, and the others go on")
    func told() async throws {
        let setups = setups()
        try await sampling(setups) { delivered in
            await time.sleepers(at: [.seconds(5), .seconds(8)])
            #expect(reports(setups).map(\.failure) == [nil, nil, nil])
            time.advance(to: .seconds(5))
            await time.sleepers(at: [.seconds(8), .seconds(8)])
            for report in reports(setups)[..<2] {
                let failure = try #require(report.failure)
                #expect(failure.kind == .busError)
                #expect(failure.text.contains("the bus has not answered for 5 s"))
                #expect(report.counts.unanswered == 1 && report.counts.failures == 1)
                #expect(report.measurements.isEmpty)
            }
            #expect(reports(setups)[2].hasValue)
            time.advance(to: .seconds(8))
            await time.sleepers(at: [.seconds(16), .seconds(16)])
            time.advance(to: .seconds(16))
            await time.sleepers(at: [.seconds(24), .seconds(24)])
            #expect(try #require(reports(setups)[0].failure).text.contains("for 16 s"))
            #expect(reports(setups)[0].counts.unanswered == 3)
            #expect(reports(setups)[1].counts.unanswered == 1, "it is due once an hour")
            #expect(hardware.calls(at: 0x10) == 1, "nothing piles up behind the call that hangs")
            #expect(hardware.calls(at: 0x11) == 0)
            #expect(delivered().map(\.sensor.text) == ["c", "c", "c"])
            #expect(log.all.filter { $0.contains("hangs") }.count == 1)
            #expect(log.all.contains { $0.hasPrefix("warning Sensor a is lost: the bus has not answered") })
        }
    }

    @Test("When it answers again it goes on, without the value that came late") func back() async throws {
        let setups = setups()
        await sampling(setups) { delivered in
            await time.sleepers(at: [.seconds(5), .seconds(8)])
            time.advance(to: .seconds(5))
            await time.sleepers(at: [.seconds(8), .seconds(8)])
            hardware.release()
            var next = 8
            // When the thread comes back is the machine's affair; until then every visit says that it has not.
            while !reports(setups)[0].hasValue {
                time.advance(to: .seconds(next))
                next += 8
                await time.sleepers(at: [.seconds(next), .seconds(next)])
            }
            #expect(hardware.calls(at: 0x10) == 2)
            #expect(delivered().filter { $0.sensor.text == "a" }.count == 1)
            #expect(reports(setups)[0].failure == nil && reports(setups)[0].age == .zero)
            #expect(log.all.filter { $0.contains("answers again") }.count == 1)
        }
    }

    @Test("A stand-in goes on meanwhile, and the report says both") func standIn() async throws {
        let setup = setups(
            standIn: SensorSetup.StandIn(
                source: .simulated(driver: "tmp102"), hardware: hardware, open: { _ in Model() }))[0]
        try await sampling([setup]) { delivered in
            await time.sleepers(at: [.seconds(5)])
            time.advance(to: .seconds(5))
            await time.sleepers(at: [.seconds(8)])
            time.advance(to: .seconds(8))
            await time.sleepers(at: [.seconds(16)])
            #expect(delivered().map { $0.good(.temperature) } == [21, 21])
            let report = try #require(reports([setup]).first)
            #expect(report.isSimulated && report.failure?.kind == .busError && !report.hasValue)
            #expect(report.measurements.first?.goodValue == 21)
        }
    }

    @Test("It does not hold up the end, whether it was told or not", arguments: [false, true])
    func end(isTold: Bool) async {
        await sampling([setups()[0]]) { _ in
            await time.sleepers(at: [.seconds(5)])
            guard isTold else {
                // The end waits a second for the chip to be left as it was found.
                Task {
                    await time.sleepers(at: [.seconds(1)])
                    time.advance(to: .seconds(1))
                }
                return
            }
            time.advance(to: .seconds(5))
            await time.sleepers(at: [.seconds(8)])
        }
    }

    @Test("A single round reads what can be read, and ends") func round() async throws {
        let setups = setups()
        async let round: Void = SamplingRound.run(setups, hardware: hardware, time: time, results: results)
        await time.sleepers(at: [.seconds(5)])
        time.advance(to: .seconds(5))
        await round
        #expect(reports(setups).map(\.failure?.kind) == [.busError, .busError, nil])
        #expect(reports(setups)[2].measurements.first?.goodValue == 32)
        #expect(hardware.calls(at: 0x11) == 0)
        hardware.release()
    }

    @Test("A round that is cut short in a conversion leaves the chip as it was found") func restored()
        async throws
    {
        let machine = SimulatedHardware(time: time, seed: 1)
        let setup = SensorSetup(
            name: SensorName("a"), source: .simulated(driver: "tmp102"), bus: "b", interval: .seconds(8),
            open: { connections throws(SensorError) in
                let chip = try connections.chip(on: .adapter(SimulatedHardware.adapterName), at: 0x48)
                return try TMP102(chip, part: Part(TMP102.name))
            })
        let settings = { machine.wires.withModel(TMP102Model.self, at: 0x48) { model, _ in model.settings } }
        let found = settings()
        let round = Task {
            await SamplingRound.run([setup], hardware: machine, time: time, results: results)
        }
        await time.sleepers(at: [.milliseconds(35), .seconds(5)])
        #expect(settings() != found)
        round.cancel()
        await round.value
        #expect(settings() == found)
        #expect(reports([setup])[0].measurements.isEmpty)
    }

    private struct Model: Sensor {
        mutating func startConversion() throws(SensorError) -> Duration { .zero }
        mutating func collect() throws(SensorError) -> Progress { .finished([Measurement(.temperature, 21)]) }
        mutating func restore() {}
    }
}

/// The readings of a service, in order per bus.
private final class DeliveredReadings: Sendable {
    private let readings = Mutex<[Reading]>([])
    var all: [Reading] { readings.withLock { $0 } }
    func append(_ new: [Reading]) { readings.withLock { $0 += new } }
}
