// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc

/// The memory of this process that is in RAM.
package enum WorkingSet {
    /// Resident set size in kibibytes, or `nil` where `/proc` is not mounted.
    ///
    /// The second field of `/proc/self/statm`, in pages. Manual page proc_pid_statm(5).
    package static func kibibytes() -> Double? {
        SystemTree("/").text("/proc/self/statm").flatMap {
            kibibytes(statm: $0, pageSize: sysconf(Int32(_SC_PAGESIZE)))
        }
    }

    static func kibibytes(statm: String, pageSize: Int) -> Double? {
        let fields = statm.split(whereSeparator: \.isWhitespace)
        guard fields.count >= 2, let pages = UInt64(fields[1]), pageSize > 0 else { return nil }
        return Double(pages) * Double(pageSize) / 1_024
    }
}
