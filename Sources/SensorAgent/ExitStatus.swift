// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc

/// How the program ends; numbers as in sysexits(3), so that a service manager can tell them apart.
enum ExitStatus: Int32 {
    /// Ended as asked.
    case success = 0
    /// An error of the program itself (`EX_SOFTWARE`).
    case software = 70
    /// The state directory cannot be used, or another agent uses it (`EX_CANTCREAT`).
    case state = 73
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
    /// Writes `text` and a newline in one call, so that lines of several threads do not mix.
    static func write(_ text: String) {
        let bytes = Array((text + "\n").utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count)
            }
            guard count > 0 || errno == EINTR else { return }
            sent += max(count, 0)
        }
    }
}
