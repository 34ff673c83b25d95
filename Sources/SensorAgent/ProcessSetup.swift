// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc

/// What has to be right before anything else happens in the process.
enum ProcessSetup {
    /// Prepares signals and standard descriptors; to be called once, first.
    static func prepare() {
        // A connection that breaks during a write must be an error code, not the end of the program.
        signal(SIGPIPE, SIG_IGN)
        // Nor may a file that grows beyond a limit of its size.
        signal(SIGXFSZ, SIG_IGN)
        // Until the services run there is nothing to end in order.
        for number in [SIGTERM, SIGINT] { signal(number) { _ in _exit(ExitStatus.success.rawValue) } }
        fillClosedDescriptors()
    }

    /// Whether the process was started with that signal ignored, as `nohup` does with SIGHUP.
    static func ignores(_ number: CInt) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0, let handler = action.__sigaction_handler.sa_handler else {
            return false
        }
        return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// A closed standard descriptor would become the next file that is opened, and get the log.
    private static func fillClosedDescriptors() {
        for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) < 0 {
            _ = open("/dev/null", O_RDWR)
        }
    }
}
