// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Simulation

/// A DS2482-100, the bridge from I²C to one 1-Wire line, exact on both.
///
/// It drives ``line`` slot by slot at standard speed, is busy for the time of the slots and refuses what it must not take
/// meanwhile. Maxim 19-4930. Its devices do not know overdrive: with 1WS set nobody on the line understands.
package struct DS2482Model: I2CChipModel {
    /// The line with its devices.
    package var line = OneWireLine()

    private enum Register: UInt8 {
        case status = 0xF0
        case data = 0xE1
        case configuration = 0xC3
    }

    private enum Command: UInt8 {
        case deviceReset = 0xF0
        case setReadPointer = 0xE1
        case writeConfiguration = 0xD2
        case oneWireReset = 0xB4
        case singleBit = 0x87
        case writeByte = 0xA5
        case readByte = 0x96
        case triplet = 0x78

        var hasParameter: Bool {
            switch self {
            case .deviceReset, .oneWireReset, .readByte: false
            case .setReadPointer, .writeConfiguration, .singleBit, .writeByte, .triplet: true
            }
        }

        /// Whether the line must be idle for it.
        var needsIdleLine: Bool { self != .deviceReset && self != .setReadPointer }
    }

    /// Bits of the status register; 1WB and LL are computed.
    private struct Status: OptionSet {
        var rawValue: UInt8
        static let busy = Self(rawValue: 0x01)
        static let presence = Self(rawValue: 0x02)
        static let short = Self(rawValue: 0x04)
        static let lineLevel = Self(rawValue: 0x08)
        static let deviceReset = Self(rawValue: 0x10)
        static let singleBit = Self(rawValue: 0x20)
        static let tripletSecondBit = Self(rawValue: 0x40)
        static let direction = Self(rawValue: 0x80)
    }

    /// Bits of the configuration register.
    private struct Configuration: OptionSet {
        var rawValue: UInt8
        static let strongPullup = Self(rawValue: 0x04)
        static let overdrive = Self(rawValue: 0x08)
    }

    /// Typical times at standard speed: t_RSTL + t_RSTH, t_SLOT.
    private static let resetTime = Duration.microseconds(1184)
    private static let slotTime = Duration.nanoseconds(69_300)

    private var status: Status = .deviceReset
    private var configuration = Configuration()
    private var readData: UInt8 = 0
    private var pointer = Register.status
    private var busyUntil: ContinuousClock.Instant?
    private var isPullingUp = false
    private var command: Command?
    private var byteIndex = 0

    /// Powers the bridge up.
    package init() {}

    /// START and the address byte; always acknowledged.
    package mutating func start(reading: Bool, at now: ContinuousClock.Instant) -> Bool {
        command = nil
        byteIndex = 0
        return true
    }

    /// A command or its parameter; what is not valid, or not allowed now, is not acknowledged.
    package mutating func write(_ byte: UInt8, at now: ContinuousClock.Instant) -> Bool {
        defer { byteIndex += 1 }
        switch byteIndex {
        case 0:
            guard let command = Command(rawValue: byte), !command.needsIdleLine || !isBusy(at: now) else {
                return false
            }
            self.command = command
            return command.hasParameter || perform(command, 0, at: now)
        case 1:
            guard let command, command.hasParameter else { return false }
            return perform(command, byte, at: now)
        default: return false
        }
    }

    /// The register under the read pointer, as often as it is read.
    package mutating func read(at now: ContinuousClock.Instant) -> UInt8 {
        switch pointer {
        case .status:
            var status = status
            if isBusy(at: now) { status.insert(.busy) }
            if line.isHigh { status.insert(.lineLevel) }
            return status.rawValue
        case .data: return readData
        case .configuration: return configuration.rawValue
        }
    }

    /// STOP.
    package mutating func stop(at now: ContinuousClock.Instant) {}
}

extension DS2482Model {
    private func isBusy(at now: ContinuousClock.Instant) -> Bool {
        busyUntil.map { now < $0 } ?? false
    }

    private mutating func perform(
        _ command: Command, _ parameter: UInt8, at now: ContinuousClock.Instant
    ) -> Bool {
        switch command {
        case .setReadPointer:
            guard let register = Register(rawValue: parameter) else { return false }
            pointer = register
            return true
        case .writeConfiguration:
            guard parameter >> 4 == ~parameter & 0x0F else { return false }
            configure(Configuration(rawValue: parameter & 0x0F), at: now)
            return true
        case .deviceReset:
            endStrongPullup(at: now)
            status = .deviceReset
            configuration = []
            busyUntil = nil
        case .oneWireReset: resetLine(at: now)
        case .singleBit: level(.singleBit, runSlots([parameter & 0x80 != 0], at: now)[0])
        case .writeByte: _ = runSlots((0..<8).map { parameter >> $0 & 1 == 1 }, at: now)
        case .readByte: readData = byte(runSlots(Array(repeating: true, count: 8), at: now, feeds: false))
        case .triplet: search(preferred: parameter & 0x80 != 0, at: now)
        }
        pointer = .status
        return true
    }

    private mutating func configure(_ new: Configuration, at now: ContinuousClock.Instant) {
        if !new.contains(.strongPullup) { endStrongPullup(at: now) }
        configuration = new
        status.remove(.deviceReset)
        pointer = .configuration
    }

    private mutating func resetLine(at now: ContinuousClock.Instant) {
        endStrongPullup(at: now)
        let end = now.advanced(by: Self.resetTime)
        busyUntil = end
        // A reset pulse at overdrive speed is no more than a long zero for these devices.
        let answer: OneWireLine.Answer
        if configuration.contains(.overdrive), line.condition != .shorted {
            answer = .silence
        } else {
            answer = line.reset(at: end)
        }
        level(.presence, answer == .presence)
        level(.short, answer == .short)
    }

    /// Makes time slots one after another and returns the sampled levels.
    ///
    /// `feeds` says whether the command is one that SPU applies to.
    private mutating func runSlots(
        _ bits: [Bool], at now: ContinuousClock.Instant, feeds: Bool = true
    ) -> [Bool] {
        endStrongPullup(at: now)
        let isDeaf = configuration.contains(.overdrive)
        var end = now
        let levels = bits.map { bit in
            end = end.advanced(by: Self.slotTime)
            return isDeaf ? bit && line.isHigh : line.slot(bit, at: end)
        }
        busyUntil = end
        if feeds, configuration.contains(.strongPullup) {
            isPullingUp = true
            line.setStrongPullup(true, at: end)
        }
        return levels
    }

    /// Two reads and the direction that they leave: the step of a search for one bit.
    private mutating func search(preferred: Bool, at now: ContinuousClock.Instant) {
        let reads = runSlots([true, true], at: now, feeds: false)
        let direction = reads[0] == reads[1] ? reads[0] || preferred : reads[0]
        let half = busyUntil ?? now
        _ = runSlots([direction], at: half, feeds: false)
        level(.singleBit, reads[0])
        level(.tripletSecondBit, reads[1])
        level(.direction, direction)
    }

    /// The pull-up ends when the next activity begins, and SPU with it; an SPU that waits for its command stays.
    private mutating func endStrongPullup(at now: ContinuousClock.Instant) {
        guard isPullingUp else { return }
        line.setStrongPullup(false, at: now)
        isPullingUp = false
        configuration.remove(.strongPullup)
    }

    private mutating func level(_ bit: Status, _ isSet: Bool) {
        if isSet { status.insert(bit) } else { status.remove(bit) }
    }

    private func byte(_ bits: [Bool]) -> UInt8 {
        bits.reversed().reduce(0) { $0 << 1 | ($1 ? 1 : 0) }
    }
}
