// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CLinuxHost
import Glibc

/// A thread that waits for a descriptor and can be told to stop waiting.
final class DescriptorWatch: Sendable {
    private let wake: CInt

    /// Makes the means to stop; nothing runs yet.
    init() throws(HostError) {
        wake = clinuxhost_open_wake()
        guard wake >= 0 else { throw HostError("eventfd", errno: errno) }
    }

    deinit { close(wake) }

    /// Starts the thread: it calls `ready` each time `descriptor` has something, until that returns `false` or ``stop()``;
    /// then `ended`, as its last act.
    func start(
        _ descriptor: CInt, ready: @escaping @Sendable () -> Bool, ended: @escaping @Sendable () -> Void
    ) throws(HostError) {
        try HostThread.start { [self] in
            // Reading a terminal from the background is then an error instead of a stop of the whole process.
            var stop = sigset_t()
            sigemptyset(&stop)
            sigaddset(&stop, SIGTTIN)
            pthread_sigmask(SIG_BLOCK, &stop, nil)
            while wait(for: descriptor), ready() {}
            ended()
        }
    }

    /// Ends the wait, from any thread.
    func stop() { clinuxhost_wake(wake) }

    /// Waits until the descriptor has something (or is at its end, or broken); `false` after ``stop()``.
    private func wait(for descriptor: CInt) -> Bool {
        var polled = [
            pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&polled, 2, -1) < 0 {
            guard errno == EINTR else { return false }
        }
        return polled[0].revents == 0
    }
}
