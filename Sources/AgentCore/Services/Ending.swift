// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Synchronization

/// Told once and seen by everybody who waits for it, before or after: the end of something.
package final class Ending: Sendable {
    private struct State {
        var isTold = false
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var count = 0
    }

    private let state = Mutex(State())

    /// Makes an end that was not told yet.
    package init() {}

    /// Whether it was told.
    package var isTold: Bool { state.withLock(\.isTold) }

    /// Tells everybody; from then on nobody waits.
    package func tell() {
        let waiters = state.withLock { state in
            state.isTold = true
            defer { state.waiters = [:] }
            return state.waiters.values.map(\.self)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits until it is told, or the task is cancelled.
    package func wait() async {
        let id = state.withLock { state in
            state.count += 1
            return state.count
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard !state.isTold, !Task.isCancelled else { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }
}
