// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import SensorDrivers
import Simulation
import TestClocks
import Testing

@testable import AgentCore

/// Sensors of one bus that are due at the same time.
@Suite("Sampling together", .timeLimit(.minutes(10))) struct SamplingTogetherTests {
    private let time = SteppedTime()
    private let results = LatestResults()
    private let script = Script()

    /// A chip that converts for some milliseconds, and then answers with the next of its results.
    private func setup(
        _ name: String, milliseconds: Int, every seconds: Int = 8, blocks: Bool = false,
        _ answers: [Script.Answer] = [.value(20)]
    ) -> SensorSetup {
        script.answers.change { $0[name] = answers }
        let chip = Script.Chip(name: name, wait: .milliseconds(milliseconds), script: script)
        return SensorSetup(
            name: SensorName(name), source: .hardware(driver: "scripted", place: "test"), bus: "b",
            interval: .seconds(seconds), blocks: blocks, open: { _ in chip })
    }

    /// Samples while `body` runs, with the names of each delivery so far.
    private func sampling(
        _ setups: [SensorSetup], _ body: (Mutexed<[[String]]>) async throws -> Void
    ) async rethrows {
        let delivered = Mutexed<[[String]]>([])
        let service = SamplingService(
            setups: setups, hardware: SimulatedHardware(time: time, seed: 1), time: time,
            log: LogLines().logger, results: results
        ) { readings in delivered.change { $0.append(readings.map(\.sensor.text)) } }
        let end = Ending()
        let running = Task { await service.run(until: end) }
        try await body(delivered)
        end.tell()
        await running.value
    }

    private func values(_ setups: [SensorSetup]) -> [Double?] {
        results.reports(setups, at: time.now()).map { $0.measurements.first?.goodValue }
    }

    @Test("They convert at the same time, are waited for once, and are delivered at once") func once() async {
        let setups = [setup("a", milliseconds: 35), setup("b", milliseconds: 40, [.value(21)])]
        await sampling(setups) { delivered in
            await time.sleepers(at: [.milliseconds(40), .seconds(5)])
            #expect(script.steps.value == ["start a", "start b"])
            time.advance(to: .milliseconds(40))
            await time.sleepers(at: [.seconds(8)])
            #expect(script.steps.value.suffix(2) == ["collect a", "collect b"])
            #expect(delivered.value == [["a", "b"]])
            #expect(values(setups) == [20, 21])
        }
    }

    @Test("A quick chip is fetched when it is ready, and keeps the age of its value") func quick() async {
        let setups = [setup("slow", milliseconds: 1_000), setup("quick", milliseconds: 15)]
        await sampling(setups) { delivered in
            await time.sleepers(at: [.milliseconds(15), .seconds(5)])
            time.advance(to: .milliseconds(15))
            await time.sleepers(at: [.seconds(1), .seconds(5)])
            #expect(script.steps.value.last == "collect quick")
            time.advance(to: .seconds(1))
            await time.sleepers(at: [.seconds(8)])
            #expect(delivered.value == [["slow", "quick"]])
            let ages = results.reports(setups, at: time.now()).map(\.age)
            #expect(ages == [.zero, .milliseconds(985)])
        }
    }

    @Test("A chip that asks for more time gets it, and holds up none that is ready") func more() async {
        let setups = [setup("a", milliseconds: 35, [.busy(20), .value(19)]), setup("b", milliseconds: 35)]
        await sampling(setups) { delivered in
            await time.sleepers(at: [.milliseconds(35), .seconds(5)])
            time.advance(to: .milliseconds(35))
            await time.sleepers(at: [.milliseconds(55), .seconds(5)])
            #expect(script.steps.value == ["start a", "start b", "collect a", "collect b"])
            time.advance(to: .milliseconds(55))
            await time.sleepers(at: [.seconds(8)])
            #expect(values(setups) == [19, 20])
            #expect(delivered.value == [["a", "b"]])
        }
    }

    @Test("The others' values do not wait for the attempts of one that fails") func failure() async {
        let setups = [
            setup("a", milliseconds: 35, Array(repeating: .failure, count: 8)), setup("b", milliseconds: 35),
        ]
        await sampling(setups) { delivered in
            await time.sleepers(at: [.milliseconds(35), .seconds(5)])
            time.advance(to: .milliseconds(35))
            // Alone from here on: the second attempt.
            await time.sleepers(at: [.milliseconds(70), .milliseconds(5_035)])
            #expect(delivered.value == [["b"]])
            for wait in [70, 80, 115, 165, 200] {
                time.advance(to: .milliseconds(wait))
                if wait < 200 {
                    let next = [70: 80, 80: 115, 115: 165, 165: 200][wait] ?? 0
                    await time.sleepers(at: [.milliseconds(next), .milliseconds(5_035)])
                }
            }
            await time.sleepers(at: [.seconds(8)])
            let report = results.reports(setups, at: time.now())[0]
            #expect(report.failure?.inARow == 1)
            #expect(script.steps.value.filter { $0 == "start a" }.count == 4)
            #expect(script.steps.value.filter { $0 == "start b" }.count == 1)
        }
    }

    @Test("What is read through a driver that blocks is visited alone, and so is who is due alone")
    func alone() async {
        let setups = [
            setup("a", milliseconds: 35), setup("kernel", milliseconds: 0, every: 3_600, blocks: true),
            setup("b", milliseconds: 35, every: 4),
        ]
        await sampling(setups) { delivered in
            await time.sleepers(at: [.milliseconds(35), .seconds(5)])
            time.advance(to: .milliseconds(35))
            await time.sleepers(at: [.seconds(4)])
            #expect(delivered.value == [["a", "b"], ["kernel"]])
            time.advance(to: .seconds(4))
            await time.sleepers(at: [.milliseconds(4_035), .seconds(9)])
            time.advance(to: .milliseconds(4_035))
            await time.sleepers(at: [.seconds(8)])
            #expect(delivered.value.last == ["b"])
        }
    }
}

/// What scripted chips answer, and what was asked of them.
private final class Script: Sendable {
    enum Answer: Sendable { case value(Double), busy(Int), failure }

    let answers = Mutexed<[String: [Answer]]>([:])
    let steps = Mutexed<[String]>([])

    /// The next answer of a chip; the last one for ever.
    private func next(_ name: String) -> Answer {
        let answer = answers.value[name]?.first ?? .failure
        answers.change { all in
            if let left = all[name], left.count > 1 { all[name] = Array(left.dropFirst()) }
        }
        return answer
    }

    struct Chip: Sensor {
        let name: String
        let wait: Duration
        let script: Script

        mutating func startConversion() throws(SensorError) -> Duration {
            script.steps.change { $0.append("start \(name)") }
            return wait
        }

        mutating func collect() throws(SensorError) -> Progress {
            script.steps.change { $0.append("collect \(name)") }
            switch script.next(name) {
            case .value(let celsius): return .finished([Measurement(.temperature, celsius)])
            case .busy(let milliseconds): return .wait(.milliseconds(milliseconds))
            case .failure: throw SensorError(.busError, "scripted")
            }
        }

        mutating func restore() {}
    }
}
