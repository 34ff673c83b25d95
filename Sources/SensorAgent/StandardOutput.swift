// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc

/// Writes the answer of a command; unlike ``StandardError`` it waits for its reader and drops nothing.
enum StandardOutput {
    /// Writes `text` and a newline; ends the program where that is impossible.
    static func write(_ text: String) {
        write(text, to: STDOUT_FILENO)
    }

    /// Writes an answer that consists of errors, and a newline, to standard error.
    static func writeErrors(_ text: String) {
        write(text, to: STDERR_FILENO)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array((text + "\n").utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // There is nobody left to tell.
            guard count > 0 else { exit(ExitStatus.software.rawValue) }
            sent += count
        }
    }
}
