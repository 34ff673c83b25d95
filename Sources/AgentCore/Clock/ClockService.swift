// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Logging
package import Quantities
import ThreadExecutor

/// Looks at the clock for as long as the program runs: says what is wrong with it, remembers good times, and tells when it
/// was set.
package struct ClockService: Service {
    /// Between looks at a clock that is not trusted.
    static let waiting = Duration.seconds(1)
    /// Between looks at a clock that is.
    static let watching = Duration.seconds(5)
    /// Between writes of the last good time, which spare the card: a boot in the past is caught however old it is.
    static let keeping = Duration.seconds(3_600)

    private let clock: JudgedClock
    private let log: Logger
    private let keep: @Sendable (WallTime) -> String?
    private let wasSet: @Sendable () async -> Void
    /// A clock chip hangs with its bus, and a file with its disk.
    private let thread = BlockingThread(name: "clock")

    /// Makes the service.
    ///
    /// - Parameters:
    ///   - keep: remembers a good time over restarts; what went wrong, or `nil`.
    ///   - wasSet: called when the clock has become right, or was set by more than a minute and is right.
    package init(
        _ clock: JudgedClock, log: Logger, keep: @escaping @Sendable (WallTime) -> String?,
        wasSet: @escaping @Sendable () async -> Void
    ) {
        self.clock = clock
        self.log = log
        self.keep = keep
        self.wasSet = wasSet
    }

    /// Looks until the program ends, and remembers the time once more; a chip or disk that hangs is left behind.
    package func run(until end: Ending) async {
        // Looks, writes and waits on that thread alone: nobody else is woken every few seconds.
        let watching = Task(executorPreference: thread.preference) { await watch() }
        await end.wait()
        watching.cancel()
        await limited(to: .seconds(1), clock) { await watching.value }
    }

    private func watch() async {
        var report = ClockReport()
        var kept: ContinuousClock.Instant?
        var hasFailed = false
        while true {
            let look = clock.look()
            for line in report.lines(for: look) { log.log(level: line.level, "\(line.text)") }
            // What follows from it is not this thread's.
            if report.wasSet { await Task { await wasSet() }.value }
            let now = clock.now().monotonic
            let isDue = kept.map { $0.duration(to: now) >= Self.keeping } ?? true
            if isDue || Task.isCancelled, case .sure = look.verdict, let time = look.lastKnown {
                kept = now
                let failure = keep(time)
                if let failure, !hasFailed { log.warning("The time cannot be remembered: \(failure)") }
                hasFailed = failure != nil
            }
            if Task.isCancelled { return }
            // Woken by the end, it looks and remembers once more.
            try? await clock.sleep(for: look.verdict.isTrusted ? Self.watching : Self.waiting)
        }
    }
}
