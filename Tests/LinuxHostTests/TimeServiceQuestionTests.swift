// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Synchronization
import Testing

@testable import LinuxHost

@Suite struct TimeServiceQuestionTests {
    private static let start = ContinuousClock.now

    /// The seconds, of the first `seconds`, in which it was asked, and in which it answered yes, as is right in `good` ones.
    private func asked(until seconds: Int, good: Range<Int> = 0..<0) -> (times: [Int], answers: [Int]) {
        let now = Mutex(0)
        let times = Mutex<[Int]>([])
        let question = TimeServiceQuestion {
            let second = now.withLock { $0 }
            times.withLock { $0.append(second) }
            return good.contains(second)
        }
        let answers = (0...seconds).filter { second in
            now.withLock { $0 = second }
            return question.answer(at: Self.start.advanced(by: .seconds(second)))
        }
        return (times.withLock { $0 }, answers)
    }

    @Test("It waits for timesyncd's mark first and is asked ever more rarely, in the end each 16 min")
    func rarely() {
        #expect(asked(until: 4_000).times == [30, 90, 210, 450, 930, 1_890, 2_850, 3_810])
    }

    @Test("A yes is told once; who asks again has seen the clock set, and is not made to wait")
    func yes() {
        let (times, answers) = asked(until: 400, good: 100..<211)
        #expect(answers == [210])
        #expect(times == [30, 90, 210, 211, 271, 391])
    }
}
