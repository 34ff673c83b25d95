// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import ThreadExecutor

/// The transport's one event stream, fed by one connection after the other.
final class EventSink: Sendable {
    /// Places kept free for `.closed`, which must get through when messages have filled the rest.
    private static let reserve = 16

    let stream: AsyncStream<TransportEvent>
    private let continuation: AsyncStream<TransportEvent>.Continuation
    private let generation = Lock(0)

    init(limit: Int) {
        (stream, continuation) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingOldest(max(1, limit) + Self.reserve))
    }

    deinit { continuation.finish() }

    /// Starts the events of the next connection; what an earlier one still reports is dropped.
    func next() -> Int {
        generation.withLock { generation in
            generation += 1
            return generation
        }
    }

    /// Passes an event on; false when a message found the stream full.
    ///
    /// With no reader any more, events are dropped: a transport that is being closed may still get messages.
    func yield(_ event: TransportEvent, generation: Int) -> Bool {
        self.generation.withLock { current in
            guard current == generation else { return true }
            guard case .enqueued(let left) = continuation.yield(event) else { return true }
            return left >= Self.reserve
        }
    }
}
