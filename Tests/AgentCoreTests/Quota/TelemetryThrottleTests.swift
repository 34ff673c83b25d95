// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import PlugAndPlay
import Quantities
import StrictJSON
import TestClocks
import Testing

@testable import AgentCore

@Suite struct TelemetryThrottleTests {
    /// One UTC day of telemetry against a limit.
    private struct Day {
        var limit: Int
        var interval: Int
        var streams = 3
        var used = 0
        /// Seconds after midnight of the first sample.
        var start = 0
        /// Other messages, one every so many seconds.
        var others = 1_200

        private(set) var sent: [Int] = []
        private(set) var total = 0

        mutating func run() {
            let begin = ContinuousClock.now
            var throttle = TelemetryThrottle(limit: limit, interval: .seconds(interval), round: streams)
            total = used
            for second in start..<86_400 {
                if second.isMultiple(of: others) { total += 1 }
                guard (second - start).isMultiple(of: interval) else { continue }
                for stream in 0..<streams {
                    let isAllowed = throttle.allows(
                        "\(stream)", used: total, untilMidnight: .seconds(86_400 - second),
                        at: begin.advanced(by: .seconds(second)))
                    guard isAllowed else { continue }
                    total += 1
                    sent.append(second)
                }
            }
        }
    }

    @Test("The default rate on a free hub fits the day, and telemetry goes on until midnight")
    func free() {
        var day = Day(limit: 8_000, interval: 8)
        day.run()
        #expect(day.total <= 8_000)
        #expect(day.total >= 7_600, "little of the day is given away")
        #expect((day.sent.last ?? 0) > 86_400 - 900)
        let third = day.sent.filter { $0 >= 57_600 }
        #expect(third.count > 100, "the last third of the day has telemetry: \(third.count)")
    }

    @Test("A rate that fits is never touched")
    func fits() {
        var day = Day(limit: 8_000, interval: 60)
        day.run()
        #expect(day.sent.count == 3 * 1_440)
        var tight = Day(limit: 8_000, interval: 33, others: 86_400)
        tight.run()
        // 7,855 of 8,000: within, but so near that the reserve for everything else shortens it a little.
        #expect(tight.sent.count >= 7_700)
    }

    @Test("Whatever the rate, the limit and the hour, the day fits as long as the rest of it does")
    func property() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<60 {
            let limit = Int.random(in: 1_000...50_000, using: &random)
            var day = Day(
                limit: limit, interval: Int.random(in: 1...120, using: &random),
                streams: Int.random(in: 1...6, using: &random),
                used: Int.random(in: 0...limit, using: &random),
                start: Int.random(in: 0..<80_000, using: &random), others: 86_400)
            day.run()
            // A round that has begun may end.
            #expect(day.total <= max(day.used, limit), "\(limit) \(day.interval) \(day.streams) \(day.used)")
            if day.used < limit - limit / 50 - 100 { #expect(!day.sent.isEmpty) }
        }
    }

    @Test("Where nothing is left, nothing is sent until midnight")
    func empty() {
        var throttle = TelemetryThrottle(limit: 100, interval: .seconds(1), round: 1)
        let now = ContinuousClock.now
        let atEnd = throttle.allows("a", used: 100, untilMidnight: .seconds(9), at: now)
        #expect(!atEnd && throttle.isSlowed)
        let next = throttle.allows(
            "a", used: 0, untilMidnight: .seconds(86_400), at: now.advanced(by: .seconds(9)))
        #expect(next && !throttle.isSlowed)
    }
}

@Suite struct MessageAccountTests {
    private let time = SteppedTime()
    private let morning = WallTime(millisecondsSince1970: 20_000 * 86_400_000 + 30_000_000)

    private func account(_ meter: MessageMeter, saved: String? = nil) -> MessageAccount {
        time.setWall(morning)
        return MessageAccount(meter: meter, interval: .seconds(8), round: 3, saved: saved, time: time)
    }

    private func count(_ account: MessageAccount, _ times: Int, bytes: Int) {
        for _ in 0..<times {
            let payload = [UInt8](repeating: 0, count: bytes)
            BillableOperation(publishing: payload, to: "devices/d/messages/events/").map(account.count)
        }
    }

    @Test("The slow-down is said once a day, counted, and ends with the day")
    func slow() {
        let account = account(.free)
        count(account, 3_600, bytes: 600)
        #expect(account.statement == .init(used: 7_200, limit: 8_000, isSlowed: false, skipped: 0))
        #expect(account.decide("a") == .send)
        time.advance(to: .seconds(8))
        #expect(account.decide("a") == .beginToSkip)
        time.advance(to: .seconds(16))
        #expect(account.decide("a") == .skip)
        #expect(account.statement == .init(used: 7_200, limit: 8_000, isSlowed: true, skipped: 2))
        time.advance(to: .seconds(86_400))
        #expect(account.decide("a") == .send)
        #expect(account.statement == .init(used: 0, limit: 8_000, isSlowed: false, skipped: 2))
    }

    @Test("What had to wait goes out up to nine tenths of the day, whenever the last sample was")
    func replay() {
        let account = account(.free)
        count(account, 3_599, bytes: 600)
        #expect(account.decide("a") == .send && account.mayReplay)
        count(account, 1, bytes: 600)
        #expect(!account.mayReplay)
        time.advance(to: .seconds(86_400))
        #expect(account.mayReplay)
    }

    @Test("Where nobody has told the tier, everything is sent and counted")
    func untold() {
        let account = account(.paid)
        count(account, 9_000, bytes: 600)
        #expect(account.mayReplay)
        #expect(account.decide("a") == .send && account.decide("a") == .send)
        #expect(account.statement == .init(used: 9_000, limit: nil, isSlowed: false, skipped: 0))
    }

    @Test("The count is remembered where it changed, and a restart goes on with it")
    func restart() {
        let first = account(.free)
        #expect(first.unsaved() == nil)
        count(first, 5, bytes: 1)
        let text = first.unsaved()
        #expect(text == "20000 5" && first.unsaved() == nil)
        #expect(account(.free, saved: text).statement.used == 5)
        #expect(account(.free, saved: "19999 5").statement.used == 0)
    }

    @Test("A statement survives the socket", arguments: [nil, 8_000])
    func json(limit: Int?) {
        let statement = MessageAccount.Statement(used: 7, limit: limit, isSlowed: true, skipped: 2)
        #expect(MessageAccount.Statement(json: statement.json) == statement)
        #expect(MessageAccount.Statement(json: ["used": "x"]) == nil)
    }
}
