// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc

/// When something is due, on the clock that counts through suspend and is never set.
///
/// One integer, in place of `ContinuousClock.Instant`: that type's layout is not known to the compiler here, so each copy
/// and comparison is a call, and there are a dozen for every message. C function: `clock_gettime(CLOCK_BOOTTIME)`.
package struct Deadline: Sendable, Hashable, Comparable {
    /// Nanoseconds since the machine started.
    let nanoseconds: Int64

    /// No such time.
    package static let never = Deadline(nanoseconds: .max)

    /// The present moment.
    package static var now: Deadline {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Deadline(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }

    /// The time `duration` later; `never` where that is beyond 292 years.
    package static func + (start: Deadline, duration: Duration) -> Deadline {
        let (seconds, attoseconds) = duration.components
        let (scaled, isLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isLonger) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        let (end, isLongest) = start.nanoseconds.addingReportingOverflow(sum)
        return isLong || isLonger || isLongest ? .never : Deadline(nanoseconds: end)
    }

    /// Orders by time, the earlier first.
    package static func < (left: Deadline, right: Deadline) -> Bool { left.nanoseconds < right.nanoseconds }

    /// The timeout of `poll` that never wakes before this time: milliseconds rounded up, −1 for `never`.
    func pollTimeout(from now: Deadline) -> CInt {
        guard self != .never else { return -1 }
        guard now < self else { return 0 }
        let left = nanoseconds - max(now.nanoseconds, 0)
        // An hour is short enough for the type and long enough not to matter.
        return left < 3_600_000_000_000 ? CInt((left + 999_999) / 1_000_000) : 3_600_000
    }
}
