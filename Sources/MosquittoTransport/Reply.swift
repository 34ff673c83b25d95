// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import Synchronization

/// The answer to one call: whoever is first decides it, from any thread; the rest is ignored.
///
/// So a call returns at once when its task is cancelled, whatever the transport's thread is doing. One object and
/// four atomic operations per call: there is one for each message.
final class Reply<Value: Sendable>: Sendable {
    private typealias Outcome = Result<Value, TransportError>

    private static var open: UInt8 { 0 }
    private static var waiting: UInt8 { 1 }
    private static var decided: UInt8 { 2 }

    private let isClaimed = Atomic(false)
    private let state = Atomic<UInt8>(0)
    // Safety: written once by the one caller of `value`, before it exchanges `state`; read by who finds `waiting` there.
    nonisolated(unsafe) private var waiter: UnsafeContinuation<Outcome, Never>?
    // Safety: written once by who claimed the reply, before it exchanges `state`; read by who finds `decided` there.
    nonisolated(unsafe) private var outcome: Outcome?

    /// Whether nobody waits for the answer any more, or soon will not.
    var isDecided: Bool { isClaimed.load(ordering: .relaxed) }

    /// Decides the answer unless it is decided.
    func resolve(_ result: Result<Value, TransportError>) {
        guard !isClaimed.exchange(true, ordering: .relaxed) else { return }
        outcome = result
        let before = state.exchange(Self.decided, ordering: .acquiringAndReleasing)
        if before == Self.waiting { waiter?.resume(returning: result) }
    }

    /// Waits for the answer, to be called once; cancellation of the task decides it as `.cancelled`.
    func value() async throws(TransportError) -> Value {
        // Resumed exactly once: of `resolve` and this, the second to exchange the state finds the other's mark.
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { (waiter: UnsafeContinuation<Outcome, Never>) in
                self.waiter = waiter
                let before = state.exchange(Self.waiting, ordering: .acquiringAndReleasing)
                if before == Self.decided, let outcome { waiter.resume(returning: outcome) }
            }
        } onCancel: {
            resolve(.failure(TransportError(.cancelled, "the call was cancelled")))
        }
        return try result.get()
    }
}
