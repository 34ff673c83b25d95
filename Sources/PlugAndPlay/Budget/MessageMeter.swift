// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// How a hub counts messages, and how many it takes on one UTC day; pure.
///
/// Azure IoT Hub, "billing information": everything is counted in pieces, of 0.5 KB in the free tier and of 4 KB in all
/// others; "quotas and throttling" and the price list: messages per day and unit.
package struct MessageMeter: Sendable, Hashable {
    /// The size of a piece in bytes.
    package var pieceBytes: Int
    /// How many pieces this device may use on one day; `nil` where nobody has said.
    package var perDay: Int?

    /// Makes a meter; a piece has at least one byte.
    package init(pieceBytes: Int, perDay: Int?) {
        self.pieceBytes = max(1, pieceBytes)
        self.perDay = perDay
    }

    /// The free tier: 8,000 pieces of 0.5 KB for all devices of the hub.
    package static let free = MessageMeter(pieceBytes: 512, perDay: 8_000)
    /// A hub that is paid for, without a limit that is known.
    package static let paid = MessageMeter(pieceBytes: 4_096, perDay: nil)
    /// One unit of S1 or B1.
    package static let first = MessageMeter(pieceBytes: 4_096, perDay: 400_000)
    /// One unit of S2 or B2.
    package static let second = MessageMeter(pieceBytes: 4_096, perDay: 6_000_000)
    /// One unit of S3 or B3.
    package static let third = MessageMeter(pieceBytes: 4_096, perDay: 300_000_000)

    /// The pieces of a message of `bytes`; an empty one counts too.
    package func pieces(_ bytes: Int) -> Int {
        let rest = max(bytes, 1) - 1
        return rest / pieceBytes + 1
    }
}
