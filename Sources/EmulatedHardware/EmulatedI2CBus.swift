// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Simulation

/// What goes wrong on an emulated I²C bus, and what a program in the machine then sees.
package enum I2CFault: Sendable, Hashable {
    /// Nobody acknowledges the address: `ENXIO`.
    case noAcknowledge
    /// The adapter refuses the transfer: `EIO`, at once.
    case transferError
    /// The adapter stops answering: the call blocks for seconds, then `EIO` or `ETIMEDOUT`.
    case silence
}

/// One message as it was on the emulated bus.
package struct I2CMessage: Sendable, Hashable {
    /// The 7-bit address.
    package var address: UInt8
    /// Whether the chip sent the bytes.
    package var isRead: Bool
    /// The bytes that passed; of a write those up to the first that was not acknowledged.
    package var bytes: [UInt8]
    /// Whether the address and all bytes were acknowledged.
    package var isAcknowledged: Bool
    /// When, by the emulator's clock.
    package var at: ContinuousClock.Instant
}

/// Chip models at their addresses, driven message by message as an adapter does.
struct EmulatedI2CBus: Sendable {
    /// A fault and how often it still strikes; `nil` is for ever.
    struct ArmedFault: Sendable {
        var fault: I2CFault
        var remaining: Int?
    }

    /// How a message ended.
    enum Outcome: Equatable {
        case acknowledged([UInt8])
        case notAcknowledged
        case failed
        case silent
    }

    private static let keptMessages = 10_000

    var chips: [UInt8: any I2CChipModel] = [:]
    var faults: [UInt8: ArmedFault] = [:]
    private(set) var messages: [I2CMessage] = []
    /// The chip that got START and not yet STOP.
    private var open: UInt8?

    /// One message; `address` is `nil` where no chip can have it.
    mutating func perform(
        address: UInt8?, isRead: Bool, isLast: Bool, write: [UInt8], readCount: Int,
        at now: ContinuousClock.Instant
    ) -> Outcome {
        guard let address else { return .notAcknowledged }
        switch strike(address) {
        case .transferError?:
            endTransfer(at: now)
            return .failed
        case .silence?:
            endTransfer(at: now)
            return .silent
        case .noAcknowledge?:
            record(address, isRead, [], false, at: now)
            endTransfer(at: now)
            return .notAcknowledged
        case nil: break
        }
        if let open, open != address { endTransfer(at: now) }
        guard chips[address]?.start(reading: isRead, at: now) == true else {
            record(address, isRead, [], false, at: now)
            endTransfer(at: now)
            return .notAcknowledged
        }
        open = address
        let (bytes, isAcknowledged) =
            isRead ? (read(readCount, from: address, at: now), true) : send(write, to: address, at: now)
        record(address, isRead, bytes, isAcknowledged, at: now)
        if isLast || !isAcknowledged { endTransfer(at: now) }
        return isAcknowledged ? .acknowledged(isRead ? bytes : []) : .notAcknowledged
    }

    private mutating func read(_ count: Int, from address: UInt8, at now: ContinuousClock.Instant) -> [UInt8]
    {
        (0..<count).map { _ in chips[address]?.read(at: now) ?? 0xFF }
    }

    private mutating func send(
        _ bytes: [UInt8], to address: UInt8, at now: ContinuousClock.Instant
    ) -> (sent: [UInt8], isAcknowledged: Bool) {
        for (count, byte) in bytes.enumerated() where chips[address]?.write(byte, at: now) != true {
            return (Array(bytes.prefix(count + 1)), false)
        }
        return (bytes, true)
    }

    /// STOP for the chip that was last addressed.
    private mutating func endTransfer(at now: ContinuousClock.Instant) {
        guard let address = open else { return }
        open = nil
        chips[address]?.stop(at: now)
    }

    /// The fault that strikes this message, counted.
    private mutating func strike(_ address: UInt8) -> I2CFault? {
        guard var armed = faults[address] else { return nil }
        if let remaining = armed.remaining {
            guard remaining > 0 else {
                faults[address] = nil
                return nil
            }
            armed.remaining = remaining - 1
            faults[address] = armed
        }
        return armed.fault
    }

    private mutating func record(
        _ address: UInt8, _ isRead: Bool, _ bytes: [UInt8], _ isAcknowledged: Bool,
        at now: ContinuousClock.Instant
    ) {
        if messages.count >= Self.keptMessages { messages.removeFirst(Self.keptMessages / 10) }
        messages.append(
            I2CMessage(
                address: address, isRead: isRead, bytes: bytes, isAcknowledged: isAcknowledged, at: now))
    }
}
