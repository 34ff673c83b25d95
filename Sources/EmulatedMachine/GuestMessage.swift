// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What the guest says on its control port; see `GuestInit`.
enum GuestMessage: Equatable {
    /// It takes commands.
    case ready
    /// A job became a process.
    case started(job: Int, pid: Int)
    /// A job's program printed a line.
    case line(job: Int, GuestLine)
    /// A job's program ended, and all its output has been said.
    case exit(job: Int, status: Int)

    /// Reads one line; `nil` for what is none of these.
    init?(_ text: String) {
        if text == "ready" {
            self = .ready
            return
        }
        let parts = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let job = Int(parts[0]) else { return nil }
        switch parts[1] {
        case "started":
            guard let pid = Int(parts[2]) else { return nil }
            self = .started(job: job, pid: pid)
        case "exit":
            guard let status = Int(parts[2]) else { return nil }
            self = .exit(job: job, status: status)
        case "out": self = .line(job: job, GuestLine(text: String(parts[2]), isError: false))
        case "err": self = .line(job: job, GuestLine(text: String(parts[2]), isError: true))
        default: return nil
        }
    }
}

/// One line that a program in the guest printed.
package struct GuestLine: Sendable, Hashable {
    /// The line without its end.
    package var text: String
    /// Whether it came on standard error.
    package var isError: Bool

    /// Makes a line.
    package init(text: String, isError: Bool) {
        self.text = text
        self.isError = isError
    }
}
