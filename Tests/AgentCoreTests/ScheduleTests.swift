// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import Testing

@Suite("Drift-free schedule") struct ScheduleTests {
    private let start = ContinuousClock.now

    @Test("Late work does not move the ticks that follow") func drift() {
        let schedule = DriftFreeSchedule(start: start, every: .seconds(8))
        #expect(schedule.next(after: start) == start.advanced(by: .seconds(8)))
        #expect(
            schedule.next(after: start.advanced(by: .milliseconds(8_700))) == start.advanced(by: .seconds(16))
        )
        #expect(schedule.next(after: start.advanced(by: .seconds(16))) == start.advanced(by: .seconds(24)))
    }

    @Test("Ticks that were missed are left out") func missed() {
        let schedule = DriftFreeSchedule(start: start, every: .seconds(1))
        #expect(
            schedule.next(after: start.advanced(by: .milliseconds(10_500)))
                == start.advanced(by: .seconds(11)))
    }

    @Test("The next tick is always later, at most one interval, and on the grid") func invariant() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<10_000 {
            let interval = Duration.milliseconds(Int64.random(in: 1...100_000, using: &generator))
            let schedule = DriftFreeSchedule(start: start, every: interval)
            let instant = start.advanced(
                by: .microseconds(Int64.random(in: 0...10_000_000_000, using: &generator)))
            let next = schedule.next(after: instant)
            #expect(next > instant)
            #expect(instant.duration(to: next) <= interval)
        }
    }

    @Test("A rhythm lets one measurement of each interval through") func rhythm() {
        var rhythm = TelemetryRhythm(start: start, every: .seconds(8))
        let sent = (0..<100).filter { rhythm.take(at: start.advanced(by: .milliseconds($0 * 1_000 + 30))) }
        #expect(sent == [0, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96])
    }
}
