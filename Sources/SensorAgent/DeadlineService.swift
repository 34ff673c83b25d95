// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import Glibc

/// Ends the program when an orderly end takes too long, for example because a bus or name resolution hangs.
///
/// It has to be the last of the services, because they are told of the end in reverse order, one after another.
struct DeadlineService: Service {
    func run(until end: Ending) async {
        await end.wait()
        Self.start()
    }

    /// From now on the program has 4 s, well below the five that are promised and below every service manager's patience.
    ///
    /// A timer signal needs no thread, no lock and no log, all of which may be stuck by then.
    private static func start() {
        signal(SIGALRM) { _ in _exit(ExitStatus.success.rawValue) }
        var limit = itimerval(it_interval: timeval(), it_value: timeval(tv_sec: 4, tv_usec: 0))
        setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &limit, nil)
    }
}
