// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Synchronization

/// Hands each record to every listener of the moment.
final class Feed<Record: Sendable>: Sendable {
    private let listeners = Mutex<[UUID: AsyncStream<Record>.Continuation]>([:])

    /// Starts to listen: everything published after this call arrives, up to 10,000 unread records.
    func updates() -> AsyncStream<Record> {
        let id = UUID()
        let (stream, continuation) = AsyncStream.makeStream(
            of: Record.self, bufferingPolicy: .bufferingNewest(10_000))
        listeners.withLock { $0[id] = continuation }
        continuation.onTermination = { [weak self] _ in
            self?.listeners.withLock { _ = $0.removeValue(forKey: id) }
        }
        return stream
    }

    /// How many listen at the moment.
    var listenerCount: Int { listeners.withLock(\.count) }

    func publish(_ record: Record) {
        for listener in listeners.withLock({ Array($0.values) }) { listener.yield(record) }
    }
}
