// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Synchronization

@testable import IoTHub

/// Clocks that stand still until a test moves them.
final class VirtualTime: TimeSource {
    typealias Instant = ContinuousClock.Instant

    private struct Sleeper {
        var deadline: Instant
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var now: Instant
        var sleepers: [Int: Sleeper] = [:]
        var count = 0
        var wallIsTrusted = true
        var wallStep = Duration.zero
    }

    private let start = ContinuousClock.now
    private let state: Mutex<State>

    init() { state = Mutex(State(now: start)) }

    func now() -> Now {
        state.withLock { state in
            Now(
                monotonic: state.now,
                wall: WallTime(millisecondsSince1970: 1_700_000_000_000).advanced(
                    by: state.now - start + state.wallStep),
                wallIsTrusted: state.wallIsTrusted)
        }
    }

    /// The time since the start of the test.
    var elapsed: Duration { state.withLock { $0.now } - start }

    func setWallIsTrusted(_ flag: Bool) { state.withLock { $0.wallIsTrusted = flag } }

    /// Sets the wall clock forward or back, as a time service does; the monotonic clock goes on.
    func stepWall(by step: Duration) { state.withLock { $0.wallStep += step } }

    func sleep(until deadline: Instant) async throws(CancellationError) {
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
                if let result { continuation.resume(returning: result) }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation.resume(returning: false)
        }
        if !isDue { throw CancellationError() }
    }

    /// Moves the clocks forward and wakes whoever waited for that.
    func advance(to instant: Instant) {
        let due = state.withLock { state -> [Sleeper] in
            state.now = max(state.now, instant)
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return Array(due.values)
        }
        for sleeper in due { sleeper.continuation.resume(returning: true) }
    }
}
