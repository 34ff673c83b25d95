// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc

/// How the program ends; numbers as in sysexits(3), so that a service manager can tell them apart.
enum ExitStatus: Int32 {
    /// Ended as asked.
    case success = 0
    /// Some sensor gave no value.
    case noValue = 1
    /// The arguments are wrong (`EX_USAGE`).
    case usage = 64
    /// An agent runs but gives no answer (`EX_UNAVAILABLE`).
    case unavailable = 69
    /// An error of the program itself (`EX_SOFTWARE`).
    case software = 70
    /// The state directory cannot be used, or another agent uses it (`EX_CANTCREAT`).
    case state = 73
    /// The answer cannot be written (`EX_IOERR`).
    case output = 74
    /// An agent runs but does not answer this user (`EX_NOPERM`).
    case denied = 77
    /// The configuration is wrong or lacks something (`EX_CONFIG`).
    case configuration = 78

    /// Says why on standard error, where there is something to say, and ends the program.
    func end(_ message: String = "") -> Never {
        if !message.isEmpty { StandardError.write(message) }
        exit(rawValue)
    }
}

/// Writes whole lines to standard error.
enum StandardError {
    /// How long a reader that does not read may hold up a line, in milliseconds; then the line is dropped.
    private static let patience: Int32 = 100

    /// Writes `text` and a newline in one call, so that lines of several threads do not mix.
    ///
    /// Never waits long: a log that nobody reads must not stop the agent.
    static func write(_ text: String) {
        let bytes = Array((text + "\n").utf8)
        var sent = 0
        while sent < bytes.count {
            var room = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
            guard poll(&room, 1, patience) > 0 else { return }
            // A pipe with room takes this much without waiting (PIPE_BUF, pipe(7)).
            let chunk = bytes[sent..<min(sent + 4096, bytes.count)]
            let count = chunk.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return }
            sent += max(count, 0)
        }
    }
}
