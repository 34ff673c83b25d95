// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc

extension StandardOutput {
    /// Writes `text` and a newline; returns `false` when nobody reads any more, so that work can end in order.
    static func offer(_ text: String) -> Bool {
        var rest = Array((text + "\n").utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EAGAIN {
                var room = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
                poll(&room, 1, -1)
                continue
            }
            guard count > 0 || errno == EINTR else { return false }
            rest = rest.dropFirst(max(count, 0))
        }
        return true
    }
}
