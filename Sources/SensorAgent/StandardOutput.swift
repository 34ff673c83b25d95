// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc

/// Writes the answer of a command; unlike ``StandardError`` it waits for its reader and drops nothing.
enum StandardOutput {
    /// Writes `text` and a newline, without a buffer; returns `false` when nobody reads any more.
    @discardableResult static func write(_ text: String) -> Bool { write(text, to: STDOUT_FILENO) }

    /// Writes an answer that consists of errors, and a newline, to standard error.
    static func writeErrors(_ text: String) { write(text, to: STDERR_FILENO) }

    @discardableResult private static func write(_ text: String, to descriptor: Int32) -> Bool {
        let bytes = Array((text + "\n").utf8)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EAGAIN {
                var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&room, 1, -1)
                continue
            }
            guard count > 0 || errno == EINTR else { return false }
            rest = rest.dropFirst(max(count, 0))
        }
        return true
    }
}
