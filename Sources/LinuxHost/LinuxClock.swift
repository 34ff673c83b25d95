// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CLinuxHost
import Glibc
package import Quantities
import ThreadExecutor

/// The machine's clocks.
///
/// Monotonic: Swift's continuous clock, on Linux `CLOCK_BOOTTIME`. Civil: `CLOCK_REALTIME`, trusted when it is not before
/// the day this program was built: a board without a battery starts in 1970 or at the time of its image. The agent's
/// `JudgedClock` asks for more than that.
package struct LinuxClock: TimeSource {
    /// The time before which no clock can be right: the day before this program was built.
    package let floor: WallTime

    /// Makes the clock.
    package init() { floor = ClockTrust.buildDate }

    /// When this boot began, on the monotonic clock.
    package var bootTime: ContinuousClock.Instant {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        let sinceBoot = Duration(
            secondsComponent: Int64(time.tv_sec), attosecondsComponent: Int64(time.tv_nsec) * 1_000_000_000)
        return ContinuousClock.now.advanced(by: .zero - sinceBoot)
    }

    /// One look at the clocks.
    package func now() -> Now {
        let monotonic = ContinuousClock.now
        var time = timespec()
        guard clock_gettime(CLOCK_REALTIME, &time) == 0 else {
            return Now(monotonic: monotonic, wall: nil, wallIsTrusted: false)
        }
        let wall = WallTime(
            millisecondsSince1970: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
        return Now(monotonic: monotonic, wall: wall, wallIsTrusted: wall >= floor)
    }

    /// Waits until the monotonic clock reaches `deadline`; throws when the task is cancelled first.
    package func sleep(until deadline: ContinuousClock.Instant) async throws(CancellationError) {
        try await SharedThread.sleep(until: deadline)
    }
}

/// Whether a civil time can be believed.
enum ClockTrust {
    /// The day before this program was built: the compiler's date has no time zone.
    static let buildDate = date(compiler: String(cString: clinuxhost_build_date()))

    /// The day before the compiler's `Mmm dd yyyy`, at 00:00 UTC; the beginning of 1970 for what is no date.
    static func date(compiler text: String) -> WallTime {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let words = text.split(separator: " ")
        guard words.count == 3, let month = months.firstIndex(of: String(words[0])),
            let day = Int32(words[1]),
            let year = Int32(words[2]), (1...31).contains(day), (1_970...9_999).contains(year)
        else { return WallTime(millisecondsSince1970: 0) }
        var parts = tm()
        parts.tm_year = year - 1_900
        parts.tm_mon = Int32(month)
        parts.tm_mday = day - 1
        return WallTime(millisecondsSince1970: Int64(timegm(&parts)) * 1_000)
    }
}
