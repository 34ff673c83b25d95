// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import StateStore

@Suite("Numbering") struct NumberingTests {
    private func numbering(last: Int64, reserved: Int64?) -> Numbering {
        Numbering(
            series: "old", isKnown: true,
            streams: [
                "a": Numbering.Stream(last: last, reserved: reserved, renewedAt: last),
                Numbering.unmet: Numbering.Stream(last: 0, reserved: 32, renewedAt: 0),
            ])
    }

    @Test("Numbers count up within the reservation and under another series beyond it")
    func reservation() {
        var numbers = numbering(last: 5, reserved: 7)
        let given = (0..<4).map { _ in
            let number = numbers.next("a", newSeries: { "new" })
            return "\(numbers.series) \(number)"
        }
        #expect(given == ["old 6", "old 7", "new 8", "new 9"])
        #expect(!numbers.isKnown)
        #expect(numbers.unlimited == ["a", Numbering.unmet])
    }

    @Test("A stream that was never met has the numbers that are reserved for any")
    func unmet() {
        var numbers = numbering(last: 5, reserved: 7)
        let given = (0..<33).map { _ in numbers.next("b", newSeries: { "new" }) }
        #expect(given == Array(1...33))
        #expect(numbers.series == "new")
    }

    @Test("What is reserved ahead is twice what an interval used, and never less than a few")
    func ahead() {
        var numbers = numbering(last: 100, reserved: 1_000)
        #expect(numbers.reservations() == ["a": 132, Numbering.unmet: 32])
        for _ in 0..<50 { _ = numbers.next("a", newSeries: { "new" }) }
        #expect(numbers.reservations()["a"] == 250)
        numbers.renewed(numbers.reservations(), for: "old")
        #expect(numbers.reservations()["a"] == 182)
    }

    @Test("Between offer and answer a new series is limited to what was offered")
    func offered() {
        for answer in ["none", "renewed", "refused"] {
            var numbers = Numbering(unknownTo: "s", after: ["a": 10])
            let (offer, unlimited) = (numbers.reservations(), numbers.unlimited)
            numbers.limit(to: offer)
            for _ in 0..<32 { _ = numbers.next("a", newSeries: { "t" }) }
            #expect(numbers.series == "s")
            if answer == "refused" { numbers.refused("s", unlimited: unlimited) }
            if answer == "renewed" {
                numbers.renewed(offer, for: "s")
                #expect(numbers.isKnown)
            }
            _ = numbers.next("a", newSeries: { "t" })
            #expect(numbers.series == (answer == "refused" ? "s" : "t"))
            // An answer that comes too late is for another series.
            numbers.renewed(["a": 1_000], for: "u")
            #expect(!numbers.isKnown)
        }
    }

    @Test("A damaged count does not trap: the numbers begin anew under another series")
    func atTheEnd() {
        let end = Int64.max
        for (last, expected): (Int64, [Int64]) in [(end, [1, 2]), (end - 1, [end, 1])] {
            var numbers = numbering(last: last, reserved: end)
            #expect(numbers.reservations()["a"] == end)
            let given = (0..<2).map { _ in numbers.next("a", newSeries: { "new" }) }
            #expect(given == expected)
            #expect(numbers.series == "new")
        }
    }
}
