// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Quantities

/// The conversation with a chip, told as errors of its driver: a bus error says that it happened while `step`.
extension I2CDevice {
    /// Writes a command, or a register and its content.
    func send(_ command: [UInt8], while step: String) throws(SensorError) {
        do throws(BusError) {
            try write(command)
        } catch {
            throw SensorError(error, while: step)
        }
    }

    /// Writes a register of 16 bits, most significant byte first.
    func send(_ word: UInt16, to register: UInt8, while step: String) throws(SensorError) {
        try send([register, UInt8(word >> 8), UInt8(word & 0xFF)], while: step)
    }

    /// Writes a setting; where that fails, `found` is written, in case the chip has taken the setting all the same.
    func change(_ found: [UInt8], to setting: [UInt8], while step: String) throws(SensorError) {
        do throws(SensorError) {
            try send(setting, while: step)
        } catch {
            try? write(found)
            throw error
        }
    }

    /// Reads `count` bytes in a transaction of their own, which an adapter that speaks SMBus only cannot do for more than one.
    func receive(_ count: Int, while step: String) throws(SensorError) -> [UInt8] {
        try receive(count, after: [], while: step)
    }

    /// Writes `command` and reads `count` bytes after a repeated START.
    func receive(_ count: Int, after command: [UInt8], while step: String) throws(SensorError) -> [UInt8] {
        let bytes: [UInt8]
        do throws(BusError) {
            bytes = try bus.transfer(to: address, write: command, readCount: count)
        } catch {
            throw SensorError(error, while: step)
        }
        try Self.expect(count, in: bytes, while: step)
        return bytes
    }

    /// Reads a register of one byte.
    func byte(from register: UInt8, while step: String) throws(SensorError) -> UInt8 {
        try receive(1, after: [register], while: step)[0]
    }

    /// Reads a register of 16 bits, most significant byte first.
    func word(from register: UInt8, while step: String) throws(SensorError) -> UInt16 {
        let bytes = try receive(2, after: [register], while: step)
        return UInt16(bytes[0]) << 8 | UInt16(bytes[1])
    }

    /// Reads consecutive registers of one byte each, also where the adapter has no block calls.
    func block(_ count: Int, from register: UInt8, while step: String) throws(SensorError) -> [UInt8] {
        let bytes: [UInt8]
        do throws(BusError) {
            bytes = try readBlock(count, from: register)
        } catch {
            throw SensorError(error, while: step)
        }
        try Self.expect(count, in: bytes, while: step)
        return bytes
    }

    private static func expect(_ count: Int, in bytes: [UInt8], while step: String) throws(SensorError) {
        guard bytes.count == count else {
            throw SensorError(.shortRead, "\(step): \(bytes.count) bytes came instead of \(count)")
        }
    }
}

/// The reading of a result that the chip does not acknowledge before it is there; a bounded number of tries.
struct ResultPolling: Sendable, Hashable {
    /// The time between two tries.
    let interval: Duration
    /// How many more times the chip may be found busy.
    private(set) var remaining: Int

    /// Allows for `polls` further tries, `interval` apart.
    init(every interval: Duration, polls: Int) {
        self.interval = interval
        remaining = polls
    }

    /// The `count` bytes of the result, or `nil` where the chip is busy and may be asked again after `interval`.
    ///
    /// Throws `.notReady`, with the bus error behind it, where the last try was not acknowledged either: the chip lost its
    /// power since the start, or it is gone, which the next start shows.
    mutating func read(_ count: Int, from device: I2CDevice) throws(SensorError) -> [UInt8]? {
        do throws(SensorError) {
            return try device.receive(count, while: "reading the result")
        } catch {
            guard error.cause?.kind == .noAcknowledge else { throw error }
            guard remaining > 0 else {
                var late = error
                late.kind = .notReady
                late.detail = "the chip has no result long after the conversion should have ended"
                throw late
            }
            remaining -= 1
            return nil
        }
    }
}
