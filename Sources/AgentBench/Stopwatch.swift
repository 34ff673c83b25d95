// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc

/// Nanoseconds of a clock that every process on this machine shares, also Python's `time.monotonic_ns`.
///
/// C function: `clock_gettime(CLOCK_MONOTONIC)`.
func monotonicNanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// How long something took each time, in nanoseconds.
struct Delays {
    var nanoseconds: [Int64] = []

    /// The delay that this share of all does not exceed, in milliseconds; `share` in 0…1.
    func quantile(_ share: Double) -> Double {
        guard !nanoseconds.isEmpty else { return .nan }
        let sorted = nanoseconds.sorted()
        let rank = Int((share * Double(sorted.count)).rounded(.up))
        return Double(sorted[min(max(rank, 1), sorted.count) - 1]) / 1e6
    }

    /// One line of JSON, milliseconds.
    func line(_ name: String) -> String {
        """
        {"what": "\(name)", "count": \(nanoseconds.count), "median": \(quantile(0.5)), "p99": \(quantile(0.99)), \
        "most": \(quantile(1))}
        """
    }
}
