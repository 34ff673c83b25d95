// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Testing

@Suite struct BootClockTests {
    private let noon = WallTime(millisecondsSince1970: 1_800_000_000_000)

    @Test("A moment before the clock was set is dated by its distance from the boot")
    func date() {
        let clock = BootClock(wall: noon, sinceBoot: .seconds(600))
        #expect(clock.date(sinceBoot: .seconds(600)) == noon)
        #expect(clock.date(sinceBoot: .seconds(20)) == noon.advanced(by: .seconds(-580)))
        #expect(clock.date(sinceBoot: .seconds(86_400)) == noon.advanced(by: .seconds(85_800)))
    }

    @Test(
        "A step of the clock is found whatever time has passed between the looks",
        arguments: [-3, -1, 0, 1, 3])
    func step(days: Int) {
        let before = BootClock(wall: noon, sinceBoot: .seconds(100))
        let moved = noon.advanced(by: .seconds(days * 86_400 + 50))
        let after = BootClock(wall: moved, sinceBoot: .seconds(150))
        #expect(after.step(from: before) == .seconds(days * 86_400))
        #expect(before.step(from: after) == .seconds(-days * 86_400))
    }

    @Test("Times at the ends of the range are limited, not trapped")
    func ends() {
        let first = WallTime(millisecondsSince1970: .min)
        let last = WallTime(millisecondsSince1970: .max)
        #expect(first.duration(to: last) == .milliseconds(Int64.max))
        #expect(last.duration(to: first) == .milliseconds(Int64.min))
        #expect(BootClock(wall: first, sinceBoot: .seconds(9)).bootedAt == first)
        #expect(BootClock(wall: last, sinceBoot: .zero).date(sinceBoot: .seconds(9)) == last)
    }
}
