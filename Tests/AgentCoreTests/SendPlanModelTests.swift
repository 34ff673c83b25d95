// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import Simulation
import StateStore
import Testing

/// A store, a hub and a pump around a `SendPlan`, all driven by one source of chance, each slow in its own way.
private struct PlanModel {
    /// A message on its way: what its sender knows, and whether its connection has ended meanwhile.
    private struct Flight {
        var key: SampleKey
        var connection: Int
    }

    var random: SeededGenerator
    var plan: SendPlan
    var now = ContinuousClock.now
    /// What the store holds, in order; `true` for what the hub has and the store is about to forget.
    var rows: [StoredSample] = []
    var aside: Set<SampleKey> = []
    private var untold: [[StoredSample]] = []
    private var answer: [StoredSample]?
    private var isFetching = false
    private var flights: [Flight] = []
    private var forgetting: [SampleKey] = []
    private var isOnline = false
    private var link = 0
    private var count = 0
    /// How often the hub has taken each message.
    var taken: [SampleKey: Int] = [:]
    var most = 0
    var violations: [String] = []
    let replays: Bool

    init(seed: UInt64, replays: Bool = true) {
        random = SeededGenerator(seed: seed)
        self.replays = replays
        var limits = SendPlan.Limits(replayRate: 50)
        limits.window = Int.random(in: 1...6, using: &random)
        limits.live = Int.random(in: 1...5, using: &random)
        limits.batch = Int.random(in: 1...5, using: &random)
        most = limits.window
        plan = SendPlan(limits, at: now)
    }

    /// One event of any kind.
    mutating func step() {
        switch Int.random(in: 0..<16, using: &random) {
        case 0...2: append(Int.random(in: 1...3, using: &random))
        case 3: tellStored()
        case 4...6: turn(replays: replays || Bool.random(using: &random))
        case 7: fetch()
        case 8: deliver()
        case 9...10: acknowledge()
        case 11: forget()
        case 12: connect(Int.random(in: 0..<3, using: &random) > 0)
        case 13: lose()
        case 14: lookAgain()
        default: now = now.advanced(by: .milliseconds(Int.random(in: 1...200, using: &random)))
        }
    }

    /// Online, nothing new and nothing lost: until nothing happens any more.
    mutating func settle() {
        connect(true)
        aside.removeAll()
        plan.mayHaveMore()
        while !untold.isEmpty { tellStored() }
        for _ in 0..<600 {
            fetch()
            deliver()
            turn(replays: true)
            while !flights.isEmpty {
                guard flights[0].connection == link else {
                    failFirst()
                    continue
                }
                acknowledge()
            }
            forget()
            now = now.advanced(by: .milliseconds(50))
        }
    }

    private mutating func append(_ number: Int) {
        let samples = (0..<number).map { _ in
            count += 1
            return StoredSample(
                key: SampleKey(stream: "thermostat1", sequence: Int64(count)), series: "0000abcd",
                telemetry: "temperature", value: 21, isSimulated: false, bootID: "b", sinceBoot: .zero,
                wall: nil)
        }
        rows += samples
        untold.append(samples)
    }

    private mutating func tellStored() {
        guard !untold.isEmpty else { return }
        plan.stored(untold.removeFirst())
    }

    /// What the pump's loop does until it waits.
    private mutating func turn(replays: Bool) {
        for _ in 0..<100 {
            switch plan.next(at: now, replays: replays) {
            case .send(let sample, _):
                if flights.contains(where: { $0.key == sample.key }) {
                    violations.append("\(sample.key) twice under way")
                }
                if taken[sample.key] != nil { violations.append("\(sample.key) sent after the hub has it") }
                flights.append(Flight(key: sample.key, connection: plan.connection))
                if flights.count(where: { $0.connection == plan.connection }) > most {
                    violations.append("more than the window")
                }
            case .fetch(let limit, let excluding):
                if isFetching { violations.append("two reads of the store at once") }
                (isFetching, wanted) = (true, (limit, excluding))
            case .wait: return
            }
        }
    }

    private var wanted: (limit: Int, excluding: Set<SampleKey>)?

    /// The store looks: what it has appended by now was told before its answer to this arrives.
    private mutating func fetch() {
        guard isFetching, answer == nil, let (limit, excluding) = wanted else { return }
        answer = Array(
            rows.lazy.filter { [aside] in !excluding.contains($0.key) && !aside.contains($0.key) }.prefix(
                limit))
        while !untold.isEmpty { tellStored() }
    }

    private mutating func deliver() {
        guard let samples = answer else { return }
        (answer, wanted, isFetching) = (nil, nil, false)
        plan.fetched(samples)
    }

    private mutating func acknowledge() {
        let open = flights.indices.filter { flights[$0].connection == link }
        guard let index = open.randomElement(using: &random) else { return }
        let key = flights.remove(at: index).key
        taken[key, default: 0] += 1
        plan.acknowledged(key)
        forgetting.append(key)
    }

    private mutating func forget() {
        guard !forgetting.isEmpty else { return }
        let keys = forgetting
        forgetting = []
        rows.removeAll { keys.contains($0.key) }
        plan.removed(keys)
    }

    private mutating func connect(_ wanted: Bool) {
        guard wanted != isOnline else { return }
        isOnline = wanted
        plan.connected(wanted)
        link = wanted ? plan.connection : -1
    }

    /// The end of a connection: each message under way learns it by itself, before or after everybody else.
    private mutating func lose() {
        guard !flights.isEmpty else { return }
        if flights[0].connection == link {
            link = -1
            isOnline = Bool.random(using: &random)
            if !isOnline { plan.connected(false) }
        }
        failFirst()
    }

    private mutating func failFirst() {
        let flight = flights.removeFirst()
        if plan.lost(flight.key, on: flight.connection, withConnection: true) { aside.insert(flight.key) }
        // The connection's own event comes in the end.
        if isOnline, link == -1 {
            plan.connected(false)
            isOnline = false
        }
    }

    private mutating func lookAgain() {
        if Bool.random(using: &random) { aside.removeAll() }
        plan.mayHaveMore()
    }
}

@Suite("What goes out, whatever happens", .timeLimit(.minutes(10))) struct SendPlanModelTests {
    @Test("Once online and quiet, everything was taken once and nothing waits", arguments: [true, false])
    func settles(replays: Bool) {
        for seed in 0..<400 as Range<UInt64> {
            var model = PlanModel(seed: seed, replays: replays)
            for _ in 0..<300 { model.step() }
            model.settle()
            #expect(model.violations == [], "seed \(seed)")
            let left = model.rows.map(\.key)
            #expect(left.isEmpty, "seed \(seed)")
            #expect(model.taken.values.allSatisfy { $0 == 1 }, "seed \(seed)")
            guard model.violations.isEmpty, left.isEmpty else { return }
        }
    }
}
