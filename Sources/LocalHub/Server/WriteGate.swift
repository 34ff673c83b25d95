// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Synchronization

/// Holds back the task of a connection while its client does not take what was sent to it.
final class WriteGate: Sendable {
    private struct State {
        var isOpen = true
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Opens or closes; opening lets the waiting task go on.
    func set(isOpen: Bool) {
        let waiter = state.withLock { state in
            state.isOpen = isOpen
            guard isOpen else { return nil as CheckedContinuation<Void, Never>? }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Returns at once while open, else when it opens; for one task only.
    func pass() async {
        guard state.withLock({ !$0.isOpen }) else { return }
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiter = continuation }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}
