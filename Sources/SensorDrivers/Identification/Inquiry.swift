// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Quantities

/// The questions to one chip, where silence is an answer too and only a broken bus is an error.
struct Inquiry {
    /// The chip that is asked.
    let device: I2CDevice
    /// What came back so far, for people: what was written and what was read.
    private var answers: [String] = []
    /// Some adapters say input/output error where others say that nobody acknowledged.
    private var failure: BusError?

    /// Begins with a chip that nothing is known of; nothing is sent.
    init(_ device: I2CDevice) { self.device = device }

    /// Writes `command` and reads `count` bytes after a repeated START; `nil` where the chip does not take it.
    ///
    /// No command makes a bare read, which no chip takes for an order. Throws what is wrong with the bus, and
    /// `.unsupported` as the cause where the adapter cannot do that.
    mutating func read(_ count: Int, after command: [UInt8] = []) throws(SensorError) -> [UInt8]? {
        let reply: [UInt8]
        do throws(BusError) {
            reply = try device.bus.transfer(to: device.address, write: command, readCount: count)
        } catch {
            try note(error)
            return nil
        }
        answers.append("\(Self.text(command, or: "a bare read")) gives \(Self.text(reply, or: "nothing"))")
        return reply.count == count ? reply : nil
    }

    /// Writes `command` and nothing else; false where the chip does not take it.
    mutating func write(_ command: [UInt8]) throws(SensorError) -> Bool {
        do throws(BusError) {
            try device.write(command)
        } catch {
            try note(error)
            return false
        }
        answers.append("\(Self.text(command, or: "nothing")) is taken")
        return true
    }

    /// A register of one byte.
    mutating func byte(at register: UInt8) throws(SensorError) -> UInt8? {
        try read(1, after: [register])?.first
    }

    /// A 16-bit register, most significant byte first on the wire.
    mutating func word(at register: UInt8) throws(SensorError) -> UInt16? {
        guard let bytes = try read(2, after: [register]) else { return nil }
        return UInt16(bytes[0]) << 8 | UInt16(bytes[1])
    }

    /// The error for a chip that is none of the known ones, or for nobody being there.
    func nothingKnown() throws(SensorError) -> SensorError {
        guard answers.isEmpty else {
            let seen = answers.joined(separator: ", ")
            return SensorError(.wrongIdentity, "it is none of the chips that are known here: \(seen)")
        }
        if let failure { return SensorError(failure, while: "asking what chip it is") }
        do throws(BusError) {
            let probe = PresenceProbe.usual(for: device.address)
            guard try device.bus.answers(at: device.address, to: probe) else {
                return SensorError(.notFound, "nobody answers at \(device.location)")
            }
        } catch {
            throw SensorError(error, while: "asking whether anybody is there")
        }
        return SensorError(.wrongIdentity, "it takes no command of the chips that are known here")
    }

    private mutating func note(_ error: BusError) throws(SensorError) {
        switch error.kind {
        case .noAcknowledge: break
        case .inputOutput: failure = error
        default: throw SensorError(error, while: "asking what chip it is")
        }
    }

    private static func text(_ bytes: [UInt8], or none: String) -> String {
        bytes.isEmpty ? none : bytes.map { hex($0) }.joined(separator: " ")
    }
}
