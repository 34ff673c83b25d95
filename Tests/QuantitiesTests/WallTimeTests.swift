// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Testing

@Suite("WallTime") struct WallTimeTests {
    @Test("Adding a duration keeps whole milliseconds and rounds toward zero")
    func advance() {
        let start = WallTime(millisecondsSince1970: 1_000)
        #expect(start.advanced(by: .microseconds(1_999)).millisecondsSince1970 == 1_001)
        #expect(start.advanced(by: .milliseconds(-1_500)).millisecondsSince1970 == -500)
    }

    @Test("A sum outside the range saturates instead of trapping")
    func saturates() {
        let late = WallTime(millisecondsSince1970: .max - 5)
        #expect(late.advanced(by: .seconds(1)).millisecondsSince1970 == .max)
        let early = WallTime(millisecondsSince1970: .min + 5)
        #expect(early.advanced(by: .seconds(-1)).millisecondsSince1970 == .min)
    }

    @Test(
        "A duration converts to milliseconds without overflow",
        arguments: [
            (Duration.seconds(1), Int64(1_000)), (.milliseconds(-1), -1), (.seconds(Int64.max), .max),
            (.seconds(Int64.min + 1), .min),
        ])
    func milliseconds(duration: Duration, expected: Int64) {
        #expect(duration.milliseconds == expected)
    }
}
