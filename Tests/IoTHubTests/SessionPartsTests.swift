// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Simulation
import Testing

@testable import IoTHub

@Suite struct BackoffTests {
    @Test("The wait is never negative and never above its ceiling, whatever the random number")
    func bounds() {
        let random = SeededGenerator.source(seed: 42)
        for failures in 0...200 {
            let backoff = Backoff()
            let ceiling = backoff.ceiling(afterFailures: failures)
            #expect(ceiling <= backoff.cap)
            #expect(ceiling >= backoff.base)
            for value in [0, .max, random(), random()] {
                let delay = backoff.delay(afterFailures: failures, random: value)
                #expect(delay >= .zero && delay <= ceiling)
                let late = Backoff(spread: .upperHalf).delay(afterFailures: failures, random: value)
                #expect(late >= ceiling / 2 && late <= ceiling)
            }
        }
    }

    @Test("The ceiling doubles up to the cap")
    func ceilings() {
        let seconds = (1...9).map { Backoff().ceiling(afterFailures: $0).seconds }
        #expect(seconds == [1, 2, 4, 8, 16, 32, 64, 100, 100])
    }

    @Test("Odd settings neither trap nor grow without bound")
    func odd() {
        for factor in [0, 1, 1e9, .infinity, .nan] {
            let backoff = Backoff(base: .seconds(1), factor: factor, cap: .seconds(5))
            for failures in [Int.min, -1, 0, 1, 5, .max] {
                let ceiling = backoff.ceiling(afterFailures: failures)
                #expect(ceiling >= .zero && ceiling <= .seconds(5))
            }
        }
    }

    @Test("Waits are spread evenly: every tenth of the range is met about as often")
    func spread() {
        let random = SeededGenerator.source(seed: 7)
        var counts = Array(repeating: 0, count: 10)
        for _ in 0..<10_000 {
            let share = Backoff().delay(afterFailures: 20, random: random()).seconds / 100
            counts[min(Int(share * 10), 9)] += 1
        }
        #expect(counts.allSatisfy { (850...1_150).contains($0) }, "\(counts)")
    }
}

@Suite struct TwinSyncTests {
    private func patch(_ version: Int64) -> DesiredPatch { DesiredPatch(version: version, changes: [:]) }

    @Test("Older and repeated patches are ignored, the next is delivered, a later one makes it read again")
    func current() {
        var sync = TwinSync()
        #expect(sync.receive(patch(1)) == .ignore)
        _ = sync.complete(version: 5)
        #expect(sync.receive(patch(5)) == .ignore)
        #expect(sync.receive(patch(4)) == .ignore)
        #expect(sync.receive(patch(6)) == .deliver)
        #expect(sync.receive(patch(6)) == .ignore)
        #expect(sync.receive(patch(8)) == .readAgain)
        #expect(sync.receive(nil) == .readAgain)
        #expect(sync.receive(patch(.max)) == .readAgain)
    }

    @Test("A gap that a read does not close is a reason for another")
    func gap() {
        var sync = TwinSync()
        _ = sync.complete(version: 1)
        #expect(sync.receive(patch(4)) == .readAgain)
        sync.state = .requested(requestID: "1", until: .now)
        #expect(sync.receive(patch(5)) == .hold)
        #expect(sync.complete(version: 2).isGap)
        sync.state = .requested(requestID: "2", until: .now)
        let (deliver, isGap) = sync.complete(version: 3)
        #expect(deliver.map(\.version) == [4, 5])
        #expect(!isGap)
    }

    @Test("More held patches than there is room for make it read again")
    func overflow() {
        var sync = TwinSync()
        sync.state = .requested(requestID: "1", until: .now)
        for version in 2...Int64(TwinSync.maximumHeld + 5) { #expect(sync.receive(patch(version)) == .hold) }
        let (deliver, isGap) = sync.complete(version: 1)
        #expect(deliver.count == TwinSync.maximumHeld)
        #expect(isGap)
        sync.state = .requested(requestID: "2", until: .now)
        #expect(!sync.complete(version: 300).isGap)
    }

    @Test("In every order of arrival each version is delivered once, in order, behind the read")
    func orders() {
        for seed in 0..<300 {
            var generator = SeededGenerator(seed: UInt64(seed))
            var sync = TwinSync()
            sync.state = .requested(requestID: "1", until: .now)
            for version in (Int64(1)...12).shuffled(using: &generator) { _ = sync.receive(patch(version)) }
            let read = Int64.random(in: 0...12, using: &generator)
            let (deliver, isGap) = sync.complete(version: read)
            #expect(deliver.map(\.version) == Array((read + 1)..<13), "seed \(seed)")
            #expect(!isGap)
        }
    }
}

@Suite struct PublishLedgerTests {
    @Test("The oldest open publish is known in every order of ends")
    func oldest() {
        for seed in 0..<50 {
            var generator = SeededGenerator(seed: UInt64(seed))
            var ledger = PublishLedger()
            let start = ContinuousClock.now
            var open: [UInt64: ContinuousClock.Instant] = [:]
            for step in 0..<1_500 {
                if Bool.random(using: &generator) || open.isEmpty {
                    let instant = start.advanced(by: .milliseconds(step))
                    open[ledger.begin(at: instant)] = instant
                } else if let id = open.keys.sorted().randomElement(using: &generator) {
                    open[id] = nil
                    ledger.end(id)
                    ledger.end(id)
                }
                #expect(ledger.oldest == open.values.min())
                #expect(ledger.isEmpty == open.isEmpty)
            }
        }
    }
}
