// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc

/// Writes the answer of a command; unlike ``StandardError`` it waits for its reader and drops nothing.
enum StandardOutput {
    /// Why an answer did not arrive.
    enum Failure: Error {
        /// Nobody reads any more, as after `| head -n 1`: no mistake.
        case closed
        /// It cannot be written, as on a full disk; with the number of the error.
        case refused(CInt)

        /// What to tell; `nil` where nothing went wrong.
        var message: String? {
            guard case .refused(let number) = self else { return nil }
            return "The output cannot be written: \(String(cString: strerror(number))). Send it elsewhere."
        }
    }

    /// Writes `text` and a newline; where that fails for another reason than a closed pipe, ends the program.
    static func write(_ text: String) {
        do throws(Failure) {
            try offer(text)
        } catch {
            if let message = error.message { ExitStatus.output.end(message) }
        }
    }

    /// Writes `text` and a newline, without a buffer; for work that has to end in order where that fails.
    static func offer(_ text: String) throws(Failure) { try write(text, to: STDOUT_FILENO) }

    /// Writes an answer that consists of errors, and a newline, to standard error.
    static func writeErrors(_ text: String) { try? write(text, to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) throws(Failure) {
        var rest = Array((text + "\n").utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            let number = errno
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count < 0, number == EAGAIN {
                var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&room, 1, -1)
            } else if count == 0 || number != EINTR {
                throw number == EPIPE ? .closed : .refused(count == 0 ? EIO : number)
            }
        }
    }
}
