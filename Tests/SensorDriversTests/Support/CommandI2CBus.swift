// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO

/// A bus with one chip of which only the replies to some commands are known; it acknowledges nothing else.
final class CommandI2CBus: I2CBus {
    let location = "bus of commands"
    private let address: UInt8
    private let replies: [[UInt8]: [UInt8]]
    private var last: [UInt8]?

    /// Puts the chip at `address`; `bareRead` is the command whose reply it gives before any command.
    init(address: UInt8, replies: [[UInt8]: [UInt8]], bareRead: [UInt8]? = nil) {
        self.address = address
        self.replies = replies
        last = bareRead
    }

    func transfer(to address: UInt8, write: [UInt8], readCount: Int) throws(BusError) -> [UInt8] {
        if !write.isEmpty { last = write }
        guard address == self.address, let last, let reply = replies[last] else {
            throw BusError(.noAcknowledge, operation: "transfer", location: location)
        }
        // What was not recorded reads zero.
        return (0..<readCount).map { $0 < reply.count ? reply[$0] : 0 }
    }

    func answers(at address: UInt8, to probe: PresenceProbe) -> Bool {
        address == self.address && !replies.isEmpty
    }
}
