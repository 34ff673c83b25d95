// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Publishes on their way and publishes waiting for a place, in order.
struct PublishWindow<Waiting, Sent> {
    private let limit: Int
    private var sent: [Int32: Sent] = [:]
    private var waiting: [Waiting] = []
    private var head = 0

    /// Makes a window for `limit` unacknowledged messages.
    init(limit: Int) {
        self.limit = max(1, limit)
        sent.reserveCapacity(self.limit)
    }

    /// Whether another message may be sent.
    var hasRoom: Bool { sent.count < limit }

    /// How many messages are sent and not acknowledged.
    var sentCount: Int { sent.count }

    /// Puts a message behind those that wait.
    mutating func wait(_ message: Waiting) { waiting.append(message) }

    /// The message whose turn it is, or `nil` when none waits or there is no room.
    mutating func next() -> Waiting? {
        guard hasRoom, head < waiting.count else { return nil }
        let message = waiting[head]
        head += 1
        // Moving the rest only when half is spent keeps the cost per message constant and lets go of what was sent.
        if head == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 64, head * 2 >= waiting.count {
            waiting.removeFirst(head)
            head = 0
        }
        return message
    }

    /// Notes a message as sent; false when its identifier is still in use.
    mutating func send(_ message: Sent, as identifier: Int32) -> Bool {
        sent.updateValue(message, forKey: identifier) == nil
    }

    /// The message that was sent as `identifier`, which thereby leaves the window.
    mutating func acknowledge(_ identifier: Int32) -> Sent? { sent.removeValue(forKey: identifier) }

    /// Empties the window.
    mutating func removeAll() -> (sent: [Sent], waiting: [Waiting]) {
        defer {
            sent = [:]
            waiting = []
            head = 0
        }
        return (Array(sent.values), Array(waiting[head...]))
    }
}
