// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Wakes one waiting task; several sends before it wakes count as one.
package struct Signal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    /// Makes a signal that was not sent yet.
    package init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Wakes the waiting task, or the next one that waits.
    package func send() { continuation.yield() }

    /// Waits for a send; returns `false` when the task was cancelled instead.
    @discardableResult package func wait() async -> Bool {
        var iterator = stream.makeAsyncIterator()
        return await iterator.next() != nil
    }
}
