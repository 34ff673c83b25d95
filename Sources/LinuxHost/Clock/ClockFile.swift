// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
package import Quantities

/// The file that remembers the last time that was known to be right, for a boot that begins in the past.
package struct ClockFile: Sendable {
    private let path: String

    /// Names the file `clock` of a directory.
    package init(directory: String) { path = directory + "/clock" }

    /// The remembered time; `nil` where there is none, or none that can be read.
    package func read() -> WallTime? {
        SystemTree("").value(path).flatMap { WallTime(rfc3339: $0) }
    }

    /// Remembers a time; a power cut leaves the old one or none, and none is as good as a first start.
    package func write(_ time: WallTime) throws(HostError) {
        let new = path + ".new"
        let descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("open", errno) }
        let text = time.rfc3339 + "\n"
        let count = Glibc.write(descriptor, text, text.utf8.count)
        let reason = errno
        close(descriptor)
        guard count == text.utf8.count else { throw failure("write", count < 0 ? reason : ENOSPC) }
        guard rename(new, path) == 0 else { throw failure("rename", errno) }
    }

    private func failure(_ operation: String, _ number: Int32) -> HostError {
        HostError(
            operation, location: path, errno: number,
            advice: "Give sensor-agent a state directory that it can write to.")
    }
}
