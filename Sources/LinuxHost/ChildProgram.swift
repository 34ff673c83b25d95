// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc

/// A program that is started and waited for.
enum ChildProgram {
    /// Runs a program by its path with its arguments; a clause about what went wrong, `nil` where it ended with 0 or was
    /// killed.
    static func problem(of words: [String]) -> String? {
        guard let path = words.first else { return "no command is configured" }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The agent ignores signals that it reads by other means; a program that inherits that could not be stopped.
        var (all, none) = (sigset_t(), sigset_t())
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var arguments = words.map { strdup($0) }
        defer { for argument in arguments { free(argument) } }
        arguments.append(nil)
        var process = pid_t()
        let result = posix_spawn(&process, path, nil, &attributes, arguments, environ)
        guard result == 0 else { return "\(path) cannot be started: \(String(cString: strerror(result)))" }
        var status: CInt = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { return nil }
        }
        let isExit = status & 0x7f == 0
        let code = status >> 8 & 0xff
        return isExit && code != 0 ? "\(path) ended with exit code \(code)" : nil
    }
}
