// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import Testing

@Suite("Temperature history") struct TemperatureHistoryTests {
    private let start = ContinuousClock.now

    private func history(_ values: [Double], capacity: Int = 100) -> TemperatureHistory {
        var history = TemperatureHistory(capacity: capacity)
        for (index, value) in values.enumerated() {
            history.record(celsius: value, at: start.advanced(by: .seconds(index * 8)))
        }
        return history
    }

    @Test("The records that the sample gets wrong give true extremes and mean") func sampleDefect() throws {
        let summary = try #require(history([20, 25, 30, 10, 12, 40]).summary(since: start))
        #expect(summary.maximum == 40)
        #expect(summary.minimum == 10)
        #expect(abs(summary.average - 137.0 / 6) < 1e-12)
        #expect(summary.start == start)
        #expect(summary.end == start.advanced(by: .seconds(40)))
    }

    @Test("Only samples at or after the start count") func since() throws {
        let history = history([50, -10, 20, 22])
        let summary = try #require(history.summary(since: start.advanced(by: .seconds(16))))
        #expect([summary.maximum, summary.minimum, summary.average] == [22, 20, 21])
        #expect(summary.start == start.advanced(by: .seconds(16)))
        #expect(summary.end == start.advanced(by: .seconds(24)))
        #expect(history.summary(since: start.advanced(by: .seconds(25))) == nil)
        #expect(TemperatureHistory().summary(since: start) == nil)
    }

    @Test("A full history forgets the oldest and says so by its start") func bounded() throws {
        let history = history((0..<25).map(Double.init), capacity: 10)
        #expect(history.count == 10)
        let summary = try #require(history.summary(since: start))
        #expect(summary.minimum == 15)
        #expect(summary.start == start.advanced(by: .seconds(15 * 8)))
        #expect(summary.end == start.advanced(by: .seconds(24 * 8)))
    }

    @Test("Against a plain computation, whatever the values, the capacity and the start") func property() {
        for _ in 0..<300 {
            let values = (0..<Int.random(in: 1...60)).map { _ in Double.random(in: -55...125) }
            let capacity = Int.random(in: 1...70)
            let from = Int.random(in: 0...60)
            let kept = values.enumerated().suffix(capacity).filter { $0.offset >= from }.map(\.element)
            let summary = history(values, capacity: capacity).summary(
                since: start.advanced(by: .seconds(from * 8)))
            #expect(summary?.maximum == kept.max())
            #expect(summary?.minimum == kept.min())
            #expect(
                summary.map { abs($0.average - kept.reduce(0, +) / Double(kept.count)) < 1e-9 }
                    ?? kept.isEmpty)
        }
    }
}
