// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities
import Synchronization

/// The machine's clocks with a civil time that is trusted only where ``ClockJudge`` says so.
///
/// ``look()`` asks the machine and is for ``ClockService``. ``now()`` asks nothing but the clocks, so that control never
/// waits for a clock chip on a bus that hangs.
package final class JudgedClock: TimeSource {
    /// What a look has found.
    package struct Look: Sendable, Hashable {
        /// Whether the clock is right.
        package var verdict: ClockVerdict
        /// How far it was set since the look before; zero where it only ran.
        package var step: Duration
        /// The offset now; `nil` where the clock is not trusted.
        package var clock: BootClock?
        /// The last time that somebody vouched for.
        package var lastKnown: WallTime?
    }

    /// Clocks that only ran differ by less between two looks: slewing and drift are below a tenth of a percent.
    static let smallestStep = Duration.seconds(1)

    private struct State {
        var judge: ClockJudge
        var verdict: ClockVerdict
        var offset: BootClock?
    }

    private let base: any TimeSource
    private let bootTime: ContinuousClock.Instant
    private let signs: @Sendable () -> ClockSigns
    private let state: Mutex<State>
    private let trusted = Ending()

    /// Takes a first look at `base`, whose own trust is a condition too; `bootTime` is when this boot began.
    ///
    /// One that `waits` trusts nothing before ``begin(with:)``.
    package init(
        _ base: any TimeSource, bootTime: ContinuousClock.Instant, judge: ClockJudge, waits: Bool = false,
        signs: @escaping @Sendable () -> ClockSigns
    ) {
        self.base = base
        self.bootTime = bootTime
        self.signs = signs
        state = Mutex(State(judge: judge, verdict: .doubtful(.unreadable), offset: nil))
        if !waits { _ = look() }
    }

    /// Takes the judge that knows what an earlier run has left, and a first look; before that no other look is taken.
    package func begin(with judge: ClockJudge) {
        state.withLock { $0.judge = judge }
        _ = look()
    }

    /// One look at the clocks; the civil time is trusted where the last look said so and it is still plausible.
    package func now() -> Now {
        var now = base.now()
        let wall = now.wall
        let isGood = state.withLock { state in
            state.verdict.isTrusted && (wall.map(state.judge.isPlausible) ?? false)
        }
        now.wallIsTrusted = now.wallIsTrusted && isGood
        return now
    }

    /// Waits until the monotonic clock reaches `deadline`; throws when the task is cancelled first.
    package func sleep(until deadline: ContinuousClock.Instant) async throws(CancellationError) {
        try await base.sleep(until: deadline)
    }

    /// What the last look said.
    package var verdict: ClockVerdict { state.withLock(\.verdict) }

    /// The offset that dates what was measured in this boot; `nil` where the clock is not trusted.
    package var bootClock: BootClock? {
        state.withLock { $0.verdict.isTrusted ? $0.offset : nil }
    }

    /// Looks at the machine; may take as long as its clock chip does.
    package func look() -> Look {
        let signs = signs()
        let now = base.now()
        let sinceBoot = bootTime.duration(to: now.monotonic)
        // A copy judges, so that nobody waits at the lock for a slow chip; looks come from one task.
        var judge = state.withLock(\.judge)
        let verdict = judge.judge(now.wall, sinceBoot: sinceBoot, signs)
        let offset = now.wall.map {
            BootClock(wall: $0, sinceBoot: sinceBoot, isEstimated: verdict.isEstimated)
        }
        let step = state.withLock { state -> Duration in
            defer { state = State(judge: judge, verdict: verdict, offset: offset) }
            guard let old = state.offset, let offset else { return .zero }
            let step = offset.step(from: old)
            return step >= Self.smallestStep || step <= .zero - Self.smallestStep ? step : .zero
        }
        if verdict.isTrusted { trusted.tell() }
        return Look(
            verdict: verdict, step: step, clock: verdict.isTrusted ? offset : nil, lastKnown: judge.lastKnown)
    }

    /// Waits until the clock was trusted once, or the task is cancelled.
    package func waitUntilTrusted() async { await trusted.wait() }
}
