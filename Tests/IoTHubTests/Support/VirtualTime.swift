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
        var watchers: [CheckedContinuation<Void, Never>] = []
        var count = 0
        var wallIsTrusted = true
    }

    private let start = ContinuousClock.now
    private let state: Mutex<State>

    init() { state = Mutex(State(now: start)) }

    func now() -> Now {
        state.withLock { state in
            Now(
                monotonic: state.now,
                wall: WallTime(millisecondsSince1970: 1_700_000_000_000).advanced(by: state.now - start),
                wallIsTrusted: state.wallIsTrusted)
        }
    }

    /// The time since the start of the test.
    var elapsed: Duration { state.withLock { $0.now } - start }

    func setWallIsTrusted(_ flag: Bool) { state.withLock { $0.wallIsTrusted = flag } }

    func sleep(until deadline: Instant) async throws(CancellationError) {
        let id = state.withLock { state in
            state.count += 1
            return state.count
        }
        let isDue = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (now, watchers) = state.withLock { state -> (Bool?, [CheckedContinuation<Void, Never>]) in
                    if Task.isCancelled { return (false, []) }
                    if state.now >= deadline { return (true, []) }
                    state.sleepers[id] = Sleeper(deadline: deadline, continuation: continuation)
                    defer { state.watchers = [] }
                    return (nil, state.watchers)
                }
                if let now { continuation.resume(returning: now) }
                for watcher in watchers { watcher.resume() }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation.resume(returning: false)
        }
        if !isDue { throw CancellationError() }
    }

    /// Moves the clocks forward to `instant`, which must not be beyond the earliest deadline.
    func advance(to instant: Instant) { state.withLock { $0.now = max($0.now, instant) } }

    /// Waits until somebody sleeps, then moves the clocks to the earliest deadline.
    func advanceToNextSleeper() async {
        while true {
            let woken = state.withLock { state -> CheckedContinuation<Bool, Never>? in
                guard let first = state.sleepers.min(by: { $0.value.deadline < $1.value.deadline }) else {
                    return nil
                }
                state.now = max(state.now, first.value.deadline)
                return state.sleepers.removeValue(forKey: first.key)?.continuation
            }
            if let woken {
                woken.resume(returning: true)
                return
            }
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if state.sleepers.isEmpty { state.watchers.append(continuation) }
                    return !state.sleepers.isEmpty
                }
                if isReady { continuation.resume() }
            }
        }
    }
}
