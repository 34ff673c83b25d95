// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Gives the time and waits; the machine's clocks in the program, virtual ones in tests.
public protocol TimeSource: Sendable {
    /// One look at the clocks.
    func now() -> Now
    /// Waits until the monotonic clock reaches `deadline`; throws `CancellationError` when the task is cancelled first.
    func sleep(until deadline: ContinuousClock.Instant) async throws(CancellationError)
}

extension TimeSource {
    /// Waits for `duration` on the monotonic clock; throws `CancellationError` when the task is cancelled first.
    public func sleep(for duration: Duration) async throws(CancellationError) {
        try await sleep(until: now().monotonic.advanced(by: duration))
    }
}
