// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities
import Synchronization

/// Clocks that stand still until a test moves them; who waits, sleeps until then.
package final class SteppedTime: TimeSource {
    package typealias Instant = ContinuousClock.Instant

    private struct Sleeper {
        var deadline: Instant
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var now: Instant
        /// The civil time at the start, by the clock as it is set now.
        var wallAtStart: WallTime?
        var wallIsTrusted = true
        var sleepers: [Int: Sleeper] = [:]
        var count = 0
    }

    /// When the test began.
    package let start = ContinuousClock.now
    private let state: Mutex<State>
    private let changes: AsyncStream<Void>
    private let change: AsyncStream<Void>.Continuation

    /// Makes clocks of which the civil one shows `wall`, or nothing until it is set.
    package init(wall: WallTime? = nil) {
        state = Mutex(State(now: start, wallAtStart: wall))
        (changes, change) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// One look at the clocks.
    package func now() -> Now {
        state.withLock { state in
            let wall = state.wallAtStart?.advanced(by: start.duration(to: state.now))
            return Now(monotonic: state.now, wall: wall, wallIsTrusted: wall != nil && state.wallIsTrusted)
        }
    }

    /// The time since the start of the test.
    package var elapsed: Duration { start.duration(to: state.withLock(\.now)) }

    /// Says whether the civil time, where there is one, can be believed.
    package func setWallIsTrusted(_ flag: Bool) { state.withLock { $0.wallIsTrusted = flag } }

    /// Sets the civil time, which runs on from there; the monotonic clock does not notice.
    package func setWall(_ wall: WallTime) {
        state.withLock { $0.wallAtStart = wall.advanced(by: .zero - start.duration(to: $0.now)) }
    }

    /// Sets the civil time forward, or back; the monotonic clock does not notice.
    package func stepWall(by step: Duration) {
        state.withLock { $0.wallAtStart = $0.wallAtStart?.advanced(by: step) }
    }

    /// Sleeps until a test has moved the clocks so far; throws when the task is cancelled first.
    package func sleep(until deadline: Instant) async throws(CancellationError) {
        let id = state.withLock { state in
            state.count += 1
            return state.count
        }
        let isDue = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let result = state.withLock { state -> Bool? in
                    if Task.isCancelled { return false }
                    if state.now >= deadline { return true }
                    state.sleepers[id] = Sleeper(deadline: deadline, continuation: continuation)
                    return nil
                }
                if let result { continuation.resume(returning: result) } else { change.yield() }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation.resume(returning: false)
            change.yield()
        }
        if !isDue { throw CancellationError() }
    }

    /// Waits until exactly these instants after the start are waited for; for one test task only.
    package func sleepers(at durations: [Duration]) async {
        let wanted = durations.map { start.advanced(by: $0) }.sorted()
        var iterator = changes.makeAsyncIterator()
        while state.withLock({ $0.sleepers.values.map(\.deadline).sorted() }) != wanted {
            guard await iterator.next() != nil else { return }
        }
    }

    /// Moves the clocks to so long after the start.
    package func advance(to duration: Duration) { advance(to: start.advanced(by: duration)) }

    /// Moves the clocks forward, and wakes whoever waited for that.
    package func advance(to instant: Instant) {
        let due = state.withLock { state -> [Sleeper] in
            state.now = max(state.now, instant)
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return Array(due.values)
        }
        for sleeper in due { sleeper.continuation.resume(returning: true) }
    }
}
