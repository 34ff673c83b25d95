// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Simulation

/// A Sensirion SHT30, SHT31 or SHT35, exact on the wire.
///
/// Two-byte commands, single shots and periodic measurements in their longest time, status word, alert limits with checksums.
/// A read is acknowledged only where there is something to read, and a result can be read once. While a single shot or the
/// periodic mode runs, only the commands are acknowledged that the datasheet has for it. A command that does not exist is
/// acknowledged, as the command bit of the status says, and does nothing. A read in a single shot with clock stretching gives the
/// result at once, as if the clock had been stretched meanwhile. The heater bit is kept, but the heater does not warm the
/// model, and alerts are never raised. Datasheet SHT3x-DIS, version 5, sections 2 and 4.
package struct SHT3xModel: I2CChipModel {
    private static let startTime = Duration.microseconds(1500)
    /// High set, high clear, low clear, low set: 60, 58, −9, −10 °C and 80, 79, 22, 20 %RH in nine and seven bits.
    private static let limitsAtReset: [UInt16] = [0xCD33, 0xC92D, 0x3869, 0x3466]

    private enum Mode: Equatable {
        case idle
        case single(stretching: Bool)
        /// The command that began it tells the rate.
        case periodic(command: UInt16)
    }

    private let serial: UInt32
    private var ambient: Ambient
    private var readyAt: ContinuousClock.Instant
    private var mode = Mode.idle
    private var duration = Duration.zero
    private var period = Duration.zero
    /// When the conversion under way ends.
    private var conversionEnd: ContinuousClock.Instant?
    private var result: [UInt8]?
    /// The reply to a command other than a measurement.
    private var reply: [UInt8]?
    /// Whether the last command was the fetch of the periodic mode.
    private var isFetching = false
    private var limits = Self.limitsAtReset
    private var status = Status.atReset
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var byteIndex = 0

    /// Bits of the status word; table 18.
    private enum Status {
        static let alertPending: UInt16 = 0x8000
        static let heater: UInt16 = 0x2000
        static let resetDetected: UInt16 = 0x0010
        static let badCommand: UInt16 = 0x0002
        static let badChecksum: UInt16 = 0x0001
        static let atReset = alertPending | resetDetected
    }

    /// Powers the chip up at `instant`.
    package init(ambient: Ambient, poweredAt instant: ContinuousClock.Instant, serial: UInt32 = 0x1B2C_3D4E) {
        self.serial = serial
        self.ambient = ambient.finite(else: .room)
        readyAt = instant.advanced(by: Self.startTime)
    }

    /// The status word as the controller would read it.
    package var statusWord: UInt16 { status }

    /// START and the address byte.
    package mutating func start(reading: Bool, at now: ContinuousClock.Instant) -> Bool {
        advance(to: now)
        byteIndex = 0
        input = []
        guard now >= readyAt else { return false }
        guard reading else { return true }
        if mode == .single(stretching: true) { complete() }
        if let reply {
            output = reply
            self.reply = nil
            return true
        }
        var isFetched = isFetching
        if case .periodic = mode {} else { isFetched = true }
        isFetching = false
        guard isFetched, let result else { return false }
        output = result
        self.result = nil
        return true
    }

    /// One byte from the controller: two of a command, and of a limit its word and checksum.
    package mutating func write(_ byte: UInt8, at now: ContinuousClock.Instant) -> Bool {
        input.append(byte)
        switch input.count {
        case 1: return true
        case 2: return take(command: UInt16(input[0]) << 8 | UInt16(byte), at: now)
        case 3, 4: return limitIndex != nil
        case 5:
            guard let index = limitIndex else { return false }
            guard CRC8.sensirion(Array(input[2...3])) == byte else {
                status |= Status.badChecksum
                return true
            }
            status &= ~Status.badChecksum
            limits[index] = UInt16(input[2]) << 8 | UInt16(input[3])
            return true
        default: return false
        }
    }

    /// One byte to the controller; after those of a reply the chip leaves the line alone.
    package mutating func read(at now: ContinuousClock.Instant) -> UInt8 {
        defer { byteIndex += 1 }
        return byteIndex < output.count ? output[byteIndex] : 0xFF
    }

    /// STOP.
    package mutating func stop(at now: ContinuousClock.Instant) {}
}

extension SHT3xModel {
    /// The limit that the command of this message writes.
    private var limitIndex: Int? {
        guard input.count >= 2 else { return nil }
        return [0x611D, 0x6116, 0x610B, 0x6100].firstIndex(of: UInt16(input[0]) << 8 | UInt16(input[1]))
    }

    private mutating func take(command: UInt16, at now: ContinuousClock.Instant) -> Bool {
        guard isAcknowledged(command) else { return false }
        (reply, isFetching) = (nil, false)
        status &= ~Status.badCommand
        if let (duration, stretching) = Self.singleShot(command) {
            begin(.single(stretching: stretching), duration, period: .zero, at: now)
            return true
        }
        if let (duration, period) = Self.periodic(command) {
            begin(.periodic(command: command), duration, period: period, at: now)
            return true
        }
        switch command {
        case 0xE000: isFetching = true
        case 0x3093:
            (mode, conversionEnd, result) = (.idle, nil, nil)
            readyAt = now.advanced(by: .milliseconds(1))
        case 0x30A2: self = SHT3xModel(ambient: ambient, poweredAt: now, serial: serial)
        case 0x306D: status |= Status.heater
        case 0x3066: status &= ~Status.heater
        case 0xF32D: reply = CRC8.sensirionFrame(status)
        case 0x3041: status &= ~(Status.alertPending | Status.resetDetected | 0x0C00)
        case 0x3780: reply = CRC8.sensirionFrame(UInt16(serial >> 16), UInt16(serial & 0xFFFF))
        case 0xE11F: reply = CRC8.sensirionFrame(limits[0])
        case 0xE114: reply = CRC8.sensirionFrame(limits[1])
        case 0xE109: reply = CRC8.sensirionFrame(limits[2])
        case 0xE102: reply = CRC8.sensirionFrame(limits[3])
        case 0x611D, 0x6116, 0x610B, 0x6100: break
        default: status |= Status.badCommand
        }
        return true
    }

    /// Whether the chip takes the command in its present mode; sections 4.5 to 4.8.
    private func isAcknowledged(_ command: UInt16) -> Bool {
        switch mode {
        case .idle: true
        case .single: command == 0x3093
        case .periodic: [0xE000, 0x3093, 0x2B32, 0xF32D, 0x3041].contains(command)
        }
    }

    private mutating func begin(
        _ mode: Mode, _ duration: Duration, period: Duration, at now: ContinuousClock.Instant
    ) {
        (self.mode, self.duration, self.period) = (mode, duration, period)
        result = nil
        conversionEnd = now.advanced(by: duration)
    }

    /// How long the single shot of that command takes, and whether it stretches the clock; table 9 and table 4.
    private static func singleShot(_ command: UInt16) -> (Duration, Bool)? {
        switch command {
        case 0x2400: (Repeatability.high, false)
        case 0x240B: (Repeatability.medium, false)
        case 0x2416: (Repeatability.low, false)
        case 0x2C06: (Repeatability.high, true)
        case 0x2C0D: (Repeatability.medium, true)
        case 0x2C10: (Repeatability.low, true)
        default: nil
        }
    }

    /// Conversion time and period of the periodic measurement of that command; table 10, section 4.7.
    private static func periodic(_ command: UInt16) -> (Duration, Duration)? {
        switch command {
        case 0x2032: (Repeatability.high, .seconds(2))
        case 0x2024: (Repeatability.medium, .seconds(2))
        case 0x202F: (Repeatability.low, .seconds(2))
        case 0x2130: (Repeatability.high, .seconds(1))
        case 0x2126: (Repeatability.medium, .seconds(1))
        case 0x212D: (Repeatability.low, .seconds(1))
        case 0x2236: (Repeatability.high, .milliseconds(500))
        case 0x2220: (Repeatability.medium, .milliseconds(500))
        case 0x222B: (Repeatability.low, .milliseconds(500))
        case 0x2334, 0x2B32: (Repeatability.high, .milliseconds(250))
        case 0x2322: (Repeatability.medium, .milliseconds(250))
        case 0x2329: (Repeatability.low, .milliseconds(250))
        case 0x2737: (Repeatability.high, .milliseconds(100))
        case 0x2721: (Repeatability.medium, .milliseconds(100))
        case 0x272A: (Repeatability.low, .milliseconds(100))
        default: nil
        }
    }

    /// The longest conversions, at a low supply voltage.
    private enum Repeatability {
        static let high = Duration.microseconds(15500)
        static let medium = Duration.microseconds(6500)
        static let low = Duration.microseconds(4500)
    }

    /// Ends the conversions that are over by `now`.
    private mutating func advance(to now: ContinuousClock.Instant) {
        guard let end = conversionEnd, end <= now else { return }
        complete()
        if case .periodic = mode {
            let more = (end.duration(to: now) / period).rounded(.down)
            conversionEnd = end.advanced(by: period * (more + 1))
        }
    }

    private mutating func complete() {
        let temperature = ConverterCode.nearest(
            ambient.celsius, from: -45, span: 175, steps: 65535, top: 65535)
        let humidity = ConverterCode.nearest(
            ambient.relativeHumidity, from: 0, span: 100, steps: 65535, top: 65535)
        result = CRC8.sensirionFrame(UInt16(temperature), UInt16(humidity))
        conversionEnd = nil
        if case .single = mode { mode = .idle }
    }
}

extension SHT3xModel: AmbientChipModel {
    package static let driverName = "sht3x"

    /// Powers the chip up in `ambient` at `instant`.
    package init(ambient: Ambient, poweredAt instant: ContinuousClock.Instant) {
        self.init(ambient: ambient, poweredAt: instant, serial: 0x1B2C_3D4E)
    }

    /// Changes what the chip measures from `now` on.
    package mutating func setAmbient(_ ambient: Ambient, at now: ContinuousClock.Instant) {
        advance(to: now)
        self.ambient = ambient.finite(else: self.ambient)
    }

    /// The status without what it says about the last command, the command of the periodic mode or 0, and the four limits.
    package var settings: [UInt16] {
        let kept = status & ~(Status.badCommand | Status.badChecksum)
        if case .periodic(let command) = mode { return [kept, command] + limits }
        return [kept, 0] + limits
    }
}
