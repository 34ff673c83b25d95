// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc

/// One line in a small file, for what would be a pity to lose but does not have to survive a power cut.
package struct NoteFile: Sendable {
    private let path: String

    /// Names a file of a directory.
    package init(directory: String, name: String) { path = directory + "/" + name }

    /// The line; `nil` where there is none, or none that can be read.
    package func read() -> String? { SystemTree("").value(path) }

    /// Replaces the line; without a flush to the disk, so that it costs a card little.
    package func write(_ text: String) throws(HostError) {
        let new = path + ".new"
        let descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("open", errno) }
        let line = text + "\n"
        let count = Glibc.write(descriptor, line, line.utf8.count)
        let reason = errno
        close(descriptor)
        guard count == line.utf8.count else { throw failure("write", count < 0 ? reason : ENOSPC) }
        guard rename(new, path) == 0 else { throw failure("rename", errno) }
    }

    private func failure(_ operation: String, _ number: Int32) -> HostError {
        HostError(
            operation, location: path, errno: number,
            advice: "Give sensor-agent a state directory that it can write to.")
    }
}
