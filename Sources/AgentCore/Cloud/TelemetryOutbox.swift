// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import IoTHub
package import Quantities

/// Messages that wait for the hub, in memory and bounded: the newest stay; pure.
package struct TelemetryOutbox: Sendable {
    /// One waiting message.
    package struct Entry: Sendable, Hashable {
        /// Counts up over the life of the outbox.
        package var number: Int
        /// What is to be sent.
        package var message: TelemetryMessage
        /// When what it tells was measured.
        package var measuredAt: ContinuousClock.Instant
        /// Whether it could not go out at once.
        package var wasDelayed: Bool
    }

    private let capacity: Int
    private var entries: [Entry] = []
    private var nextNumber = 0

    /// Messages that had to give way.
    package private(set) var dropped = 0

    /// Makes an empty outbox of at most `capacity` messages.
    package init(capacity: Int = 2_000) { self.capacity = max(1, capacity) }

    /// The number of messages that wait.
    package var count: Int { entries.count }

    /// The oldest message.
    package var first: Entry? { entries.first }

    /// Adds a message; returns whether an older one had to give way for it.
    package mutating func append(
        _ message: TelemetryMessage, measuredAt: ContinuousClock.Instant, isOnline: Bool
    ) -> Bool {
        let entry = Entry(
            number: nextNumber, message: message, measuredAt: measuredAt,
            wasDelayed: !isOnline || !entries.isEmpty)
        nextNumber += 1
        entries.append(entry)
        guard entries.count > capacity else { return false }
        entries.removeFirst()
        dropped += 1
        return true
    }

    /// Takes a message out: the hub has it, or it can never be sent.
    package mutating func remove(_ number: Int) {
        entries.removeAll { $0.number == number }
    }

    /// Counts a message as delayed, so that it will carry its own time.
    package mutating func delay(_ number: Int) {
        guard let index = entries.firstIndex(where: { $0.number == number }) else { return }
        entries[index].wasDelayed = true
    }
}

extension TelemetryOutbox.Entry {
    /// The message as it goes out at `now`: one that had to wait carries the time of its measurement.
    ///
    /// That time comes from the monotonic clock, so a sample from before the clock was set is dated right.
    package func outgoing(at now: Now) -> TelemetryMessage {
        guard wasDelayed, now.wallIsTrusted, let wall = now.wall else { return message }
        var dated = message
        dated.createdAt = wall.advanced(by: .zero - measuredAt.duration(to: now.monotonic))
        return dated
    }
}
