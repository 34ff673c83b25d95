// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Testing

@testable import AgentCore

@Suite struct BillableCounterTests {
    private static let midnight = WallTime(millisecondsSince1970: 20_000 * 86_400_000)

    private func wall(_ seconds: Int) -> WallTime { Self.midnight.advanced(by: .seconds(seconds)) }

    @Test("The count begins anew at midnight UTC")
    func midnight() {
        var counter = BillableCounter()
        counter.add(3, at: wall(-2))
        counter.add(4, at: wall(-1))
        #expect(counter.used == 7)
        counter.add(1, at: wall(0))
        #expect(counter.used == 1 && counter.day == 20_000)
        counter.roll(to: wall(86_400))
        #expect(counter.used == 0)
    }

    @Test("A clock that is set back keeps the count, and one that is not right adds to it")
    func back() {
        var counter = BillableCounter()
        counter.add(5, at: nil)
        counter.add(5, at: wall(10))
        #expect(counter.used == 10, "what went out before the clock was right counts")
        counter.add(1, at: wall(10 - 3 * 86_400))
        counter.add(1, at: nil)
        #expect(counter.used == 12)
        counter.add(1, at: wall(10))
        #expect(counter.used == 1)
    }

    @Test("A restart goes on with the count of the same day only")
    func restart() {
        var counter = BillableCounter()
        #expect(counter.text == nil)
        counter.add(77, at: wall(50))
        var again = BillableCounter(text: counter.text ?? "")
        #expect(again == counter)
        again.add(1, at: wall(60))
        #expect(again.used == 78)
        var tomorrow = BillableCounter(text: counter.text ?? "")
        tomorrow.add(1, at: wall(86_400))
        #expect(tomorrow.used == 1)
    }

    @Test(
        "A damaged text begins anew", arguments: ["", "1", "a b", "1 -2", "1 2 3", "9999999999999999999 1"])
    func damaged(text: String) {
        #expect(BillableCounter(text: text) == BillableCounter())
    }

    @Test("Midnight is so far", arguments: [(0, 86_400), (1, 86_399), (86_399, 1), (-1, 1)])
    func untilMidnight(seconds: Int, left: Int) {
        #expect(BillableCounter.untilMidnight(wall(seconds)) == .seconds(left))
        #expect(BillableCounter.untilMidnight(WallTime(millisecondsSince1970: -1)) == .milliseconds(1))
    }
}
