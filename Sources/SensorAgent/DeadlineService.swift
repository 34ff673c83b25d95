// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
import Logging
import ServiceLifecycle

/// Ends the program when an orderly end takes too long, for example because name resolution hangs.
struct DeadlineService: Service {
    /// Below the five seconds that are promised, and below every service manager's patience.
    private static let limit = Duration.milliseconds(4_500)

    let log: Logger

    func run() async throws {
        let log = log
        await withGracefulShutdownHandler {
            try? await gracefulShutdown()
        } onGracefulShutdown: {
            Task.detached {
                try? await Task.sleep(for: Self.limit)
                log.warning("The orderly end took too long; what was left to do is left undone.")
                _exit(ExitStatus.success.rawValue)
            }
        }
    }
}
