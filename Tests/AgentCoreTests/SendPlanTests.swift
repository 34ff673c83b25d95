// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import Simulation
import StateStore
import Testing

@Suite("What goes out next") struct SendPlanTests {
    private let start = ContinuousClock.now

    private func sample(_ number: Int) -> StoredSample {
        StoredSample(
            key: SampleKey(stream: "thermostat1", sequence: Int64(number)), series: "0000abcd",
            telemetry: "temperature", value: 21, isSimulated: false, bootID: "b", sinceBoot: .zero, wall: nil)
    }

    private func plan(window: Int = 64, rate: Double = 10, live: Int = 1_000) -> SendPlan {
        var limits = SendPlan.Limits(replayRate: rate)
        limits.window = window
        limits.live = live
        return SendPlan(limits, at: start)
    }

    /// A plan that is online and knows that the store is empty.
    private func idlePlan(window: Int = 64, rate: Double = 10, live: Int = 1_000) -> SendPlan {
        var plan = plan(window: window, rate: rate, live: live)
        plan.connected(true)
        _ = plan.next(at: start)
        plan.fetched([])
        return plan
    }

    private func next(_ plan: inout SendPlan, after: Duration = .zero) -> SendPlan.Step {
        plan.next(at: start.advanced(by: after))
    }

    @Test("Offline nothing goes out, and what is stored meanwhile is read from the store later")
    func offline() {
        var plan = plan()
        plan.stored([sample(1)])
        #expect(next(&plan) == .wait(until: nil))
        plan.connected(true)
        #expect(next(&plan) == .fetch(limit: 128, excluding: []))
        plan.fetched([sample(1)])
        #expect(next(&plan) == .send(sample(1), isDelayed: true))
        #expect(plan.isReplaying)
        #expect(next(&plan) == .fetch(limit: 128, excluding: [sample(1).key]))
        plan.fetched([])
        #expect(!plan.isReplaying)
        #expect(next(&plan) == .wait(until: nil))
    }

    @Test("Live messages go before old ones, without a limit of rate") func liveFirst() {
        var plan = plan(rate: 1)
        plan.connected(true)
        _ = next(&plan)
        plan.fetched([sample(1), sample(2)])
        plan.stored([sample(10), sample(11)])
        #expect(next(&plan) == .send(sample(10), isDelayed: false))
        #expect(next(&plan) == .send(sample(11), isDelayed: false))
        #expect(next(&plan) == .send(sample(1), isDelayed: true))
        #expect(next(&plan) == .wait(until: start.advanced(by: .seconds(1))))
        plan.stored([sample(12)])
        #expect(next(&plan) == .send(sample(12), isDelayed: false))
        #expect(next(&plan, after: .seconds(1)) == .send(sample(2), isDelayed: true))
    }

    @Test("No more than the window are under way; an acknowledgement makes room") func window() {
        var plan = idlePlan(window: 2)
        plan.stored([sample(1), sample(2), sample(3)])
        _ = next(&plan)
        _ = next(&plan)
        #expect(next(&plan) == .wait(until: nil))
        plan.acknowledged(sample(2).key)
        #expect(next(&plan) == .send(sample(3), isDelayed: false))
    }

    @Test("What the hub has is not read again while the store still has to forget it") func forgetting() {
        var plan = idlePlan(live: 1)
        plan.stored([sample(1)])
        _ = next(&plan)
        plan.stored([sample(2), sample(3)])
        plan.acknowledged(sample(1).key)
        #expect(next(&plan) == .send(sample(2), isDelayed: false))
        #expect(next(&plan) == .fetch(limit: 128, excluding: [sample(1).key, sample(2).key]))
        plan.fetched([sample(3)])
        plan.removed([sample(1).key])
        #expect(next(&plan) == .send(sample(3), isDelayed: true))
        #expect(next(&plan) == .fetch(limit: 128, excluding: [sample(2).key, sample(3).key]))
    }

    @Test("What was lost with a connection goes again on the next, and nothing on the lost one") func lost() {
        var plan = idlePlan()
        plan.stored([sample(1), sample(2)])
        _ = next(&plan)
        let isAside = plan.lost(sample(1).key, on: plan.connection, withConnection: true)
        #expect(!isAside)
        #expect(next(&plan) == .wait(until: nil), "sample 2 waits in the store")
        plan.connected(true)
        #expect(next(&plan) == .fetch(limit: 128, excluding: []))
        plan.fetched([sample(1), sample(2)])
        #expect(next(&plan) == .send(sample(1), isDelayed: true))
        let earlier = plan.connection - 1
        _ = plan.lost(sample(1).key, on: earlier, withConnection: false)
        #expect(
            next(&plan) == .send(sample(2), isDelayed: true),
            "a late word of an earlier connection changes nothing")
    }

    /// One connection that ends on `bad` when it is under way; returns what was sent, and whether `bad` is set aside.
    private func connection(
        _ plan: inout SendPlan, store: inout [StoredSample], bad: SampleKey, after: Duration
    ) -> (sent: [SampleKey], isAside: Bool) {
        plan.connected(true)
        var sent: [SampleKey] = []
        while true {
            switch next(&plan, after: after) {
            case .fetch(let limit, let excluding):
                plan.fetched(Array(store.filter { !excluding.contains($0.key) }.prefix(limit)))
            case .send(let sample, _): sent.append(sample.key)
            case .wait:
                let connection = plan.connection
                if sent.contains(bad) {
                    var isAside = false
                    for key in sent {
                        isAside = plan.lost(key, on: connection, withConnection: true) || isAside
                    }
                    return (sent, isAside)
                }
                guard !sent.isEmpty else { return ([], false) }
                for key in sent { plan.acknowledged(key) }
                store.removeAll { sent.contains($0.key) }
                plan.removed(sent)
                sent = []
            }
        }
    }

    @Test(
        "A message that ends each connection is found, the others go through, and it is set aside after a few tries"
    )
    func poison() {
        var plan = plan(rate: 1_000)
        var store = (1...10).map(sample)
        let bad = sample(4).key
        var attempts = 0
        var isAside = false
        while !isAside, attempts < 20 {
            attempts += 1
            isAside = connection(&plan, store: &store, bad: bad, after: .seconds(attempts)).isAside
        }
        #expect(isAside)
        #expect(attempts == 8, "three times among others, five times alone")
        #expect(store.map(\.key) == [bad], "the others were not held up")
    }

    @Test("Messages that were only unlucky are never set aside") func unlucky() {
        var plan = plan(window: 8, rate: 10_000)
        var store = (1...50).map(sample)
        var generator = SeededGenerator(seed: 7)
        for attempt in 1...400 where !store.isEmpty {
            let victim = store[Int(generator.next() % UInt64(min(8, store.count)))].key
            // The connection ends while this one is under way, whoever it is.
            let (_, isAside) = connection(&plan, store: &store, bad: victim, after: .seconds(attempt))
            #expect(!isAside || store.count <= 3, "with hardly anything left the same one is hit each time")
            if isAside { break }
        }
    }

    @Test("The rate of old messages holds over any span, and a second's worth may go at once") func rate() {
        var bucket = TokenBucket(perSecond: 5, at: start)
        var taken = 0
        for millisecond in 0..<10_000
        where bucket.take(at: start.advanced(by: .milliseconds(millisecond))) == nil {
            taken += 1
        }
        #expect((50...55).contains(taken))
        var refused = TokenBucket(perSecond: 5, at: start)
        for _ in 0..<5 { #expect(bucketTake(&refused, .zero) == nil) }
        #expect(bucketTake(&refused, .zero) == start.advanced(by: .milliseconds(200)))
        #expect(bucketTake(&refused, .milliseconds(200)) == nil)
    }

    private func bucketTake(_ bucket: inout TokenBucket, _ after: Duration) -> ContinuousClock.Instant? {
        bucket.take(at: start.advanced(by: after))
    }
}
