// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import Quantities
import RebootGuard
import Simulation
import StrictJSON
import Testing

@Suite("Reboot on request: what holds whatever happens")
struct RebootGuardPropertyTests {
    /// One life of a machine: random requests, clocks, crashes, boots and disks; checks after every step.
    private struct Life {
        var random: SeededGenerator
        var bench: Bench
        var count = 0
        var accepted: [String] = []
        var forced: Set<String> = []
        var outcomes: [String: Set<RebootRecord.State>] = [:]

        init(seed: UInt64) {
            random = SeededGenerator(seed: seed)
            bench = Bench(uptime: .seconds(Int.random(in: 1...1_000, using: &random)))
        }

        mutating func step() {
            switch Int.random(in: 0..<16, using: &random) {
            case 0...4: request()
            case 5...7: bench.pass(.seconds(Int.random(in: 0...90, using: &random)))
            case 8: bench.pass(.seconds(Int.random(in: 0...7_200, using: &random)))
            case 9: bench.wall = wall()
            case 10: bench.crash()
            case 11: bench.reboot(after: .seconds(Int.random(in: 1...400, using: &random)))
            case 12: bench.handle(Bool.random(using: &random) ? .shutdownSignal : .ending)
            case 13: bench.handle(.powerRefused("no"))
            case 14:
                bench.diskWorks = Int.random(in: 0..<4, using: &random) > 0
                bench.problem = Int.random(in: 0..<4, using: &random) == 0 ? "not off" : nil
                bench.confirms = Bool.random(using: &random)
            default: bench.handle(Bool.random(using: &random) ? .reset : .tick)
            }
            // What is asked for usually comes.
            if case .asking = bench.guarding.phase, Bool.random(using: &random) {
                bench.handle(.shutdownSignal)
                bench.reboot(after: .seconds(Int.random(in: 5...60, using: &random)))
            }
            look()
        }

        private mutating func request() {
            count += 1
            let id = "r\(count)"
            let force = Int.random(in: 0..<8, using: &random) == 0
            let origin: RebootRecord.Origin = Bool.random(using: &random) ? .hub : .local
            let conditions = RebootConditions(isStored: Int.random(in: 0..<6, using: &random) > 0)
            let delay = [0, 5, 30, 600].randomElement(using: &random) ?? 0
            if bench.request(id, delay: delay, origin: origin, force: force, conditions) == .accepted(id: id)
            {
                accepted.append(id)
                if force, origin == .local { forced.insert(id) }
            }
        }

        private mutating func wall() -> WallTime? {
            guard Int.random(in: 0..<4, using: &random) > 0 else { return nil }
            return WallTime(millisecondsSince1970: Int64.random(in: .min ... .max, using: &random))
        }

        private mutating func look() {
            for record in bench.guarding.durable.records where record.state.isFinal {
                outcomes[record.id, default: []].insert(record.state)
            }
            if bench.guarding.journal.isSafe { #expect(!bench.guarding.relaysMayRun) }
        }
    }

    @Test(
        "Never two reboots for one request, never more than the limits, always a record first, always one outcome"
    )
    func life() {
        for seed in 0..<300 as Range<UInt64> {
            var life = Life(seed: seed)
            for _ in 0..<120 { life.step() }
            // The disk works again and everything comes to its end.
            life.bench.diskWorks = true
            life.bench.pass(.seconds(4_000))
            life.bench.crash()
            for record in life.bench.guarding.durable.records {
                life.outcomes[record.id, default: []].insert(record.state)
            }
            let asked = life.bench.asked
            #expect(Set(asked.map(\.id)).count == asked.count, "seed \(seed)")
            for ask in asked {
                let record = RebootJournal(json: ask.disk)?.records.first { $0.id == ask.id }
                #expect(record?.askedUptime != nil, "seed \(seed): \(ask.id)")
                #expect(life.accepted.contains(ask.id), "seed \(seed): \(ask.id)")
            }
            for id in life.accepted {
                let ends = life.outcomes[id] ?? []
                #expect(ends == [.completed] || ends == [.failed], "seed \(seed): \(id) \(ends)")
            }
            for (window, most) in [(Duration.seconds(3_600), 2), (.seconds(86_400), 3)] {
                let times = asked.filter { !life.forced.contains($0.id) }.map(\.real)
                for (index, end) in times.enumerated() {
                    // The delay lies between acceptance, which is counted, and asking.
                    let within = times[...index].count { end - $0 < window - .seconds(602) }
                    #expect(within <= most, "seed \(seed): \(times)")
                }
            }
        }
    }

    @Test("The tests' machine does reboot, fail and refuse, so that the properties say something")
    func notVacuous() {
        var (asks, failures, refusals, completions, safe) = (0, 0, 0, 0, 0)
        for seed in 0..<100 as Range<UInt64> {
            var life = Life(seed: seed)
            for _ in 0..<120 {
                life.step()
                if life.bench.guarding.journal.isSafe { safe += 1 }
            }
            asks += life.bench.asked.count
            failures += life.outcomes.values.count { $0.contains(.failed) }
            completions += life.outcomes.values.count { $0.contains(.completed) }
            refusals += life.bench.answers.count { if case .refused = $0.answer { true } else { false } }
        }
        #expect(min(asks, failures, completions, safe) > 50)
        #expect(refusals > 500)
    }

    @Test("No text in the place of a journal ends the program, and what is read is written the same again")
    func damage() {
        var random = SeededGenerator(seed: 7)
        var bench = Bench()
        _ = bench.request("a")
        bench.reboot()
        let text = bench.guarding.journal.json.encoded()
        for _ in 0..<3_000 {
            var bytes = text
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: bytes.indices, using: &random)
                bytes[index] = UInt8.random(in: .min ... .max, using: &random)
            }
            guard let json = try? JSONValue(parsing: bytes), let journal = RebootJournal(json: json) else {
                continue
            }
            #expect(RebootJournal(json: journal.json) == journal)
            var guarding = RebootGuard(mode: .armed, journal: journal)
            _ = guarding.start(bootID: "b", at: .seconds(1_000), wall: nil)
            _ = guarding.handle(.tick, at: guarding.nextTick(after: .seconds(1_000)), wall: nil)
        }
    }
}
