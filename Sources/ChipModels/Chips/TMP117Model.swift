// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Simulation

/// A TMP117, exact on the wire.
///
/// Continuous, shutdown and one-shot mode with their averages and cycles, data-ready and alert flags with what clears them,
/// offset, soft reset, and no acknowledge while it powers up. The EEPROM can be unlocked but not programmed. TI SNOSD82D, 7.3
/// to 7.6.
package struct TMP117Model: RegisterThermometerModel {
    package static let driverName = "tmp117"

    private enum Register: UInt8 {
        case result, configuration, high, low, unlock, eeprom1, eeprom2, offset, eeprom3
        case identity = 0x0F
    }

    /// MOD1:MOD0; 10 is the same as 00 and reads as that.
    private enum Mode: UInt16 {
        case continuous, shutdown, continuousToo, oneShot
    }

    /// One conversion of those that are averaged.
    private static let conversionTime = Duration.microseconds(15_500)
    private static let powerUpTime = Duration.microseconds(1_500)
    private static let softResetTime = Duration.milliseconds(2)

    package var registers = RegisterPointer()
    package var celsius: Double
    /// All but the flags, bits 15 to 12.
    private var configuration: UInt16 = 0x0220
    private var result: UInt16 = 0x8000
    private var high: UInt16 = 0x6000
    private var low: UInt16 = 0x8000
    private var offset: UInt16 = 0
    private var unlock: UInt16 = 0
    private var isReady = false
    private var isAbove = false
    private var isBelow = false
    private var timer = ConversionTimer()
    private let answersFrom: ContinuousClock.Instant

    /// Powers the chip up in `ambient` at `instant`: the result reads −256 °C until the first eight conversions end.
    package init(ambient: Ambient, poweredAt instant: ContinuousClock.Instant) {
        self.init(celsius: ambient.celsius, answersFrom: instant.advanced(by: Self.powerUpTime))
    }

    private init(celsius: Double, answersFrom instant: ContinuousClock.Instant) {
        self.celsius = celsius.isFinite ? celsius : 0
        answersFrom = instant
        timer.end = instant.advanced(by: activeTime)
    }

    /// Configuration without the flags, both limits, the offset, and whether the EEPROM is unlocked.
    package var settings: [UInt16] { [configuration, high, low, offset, unlock] }

    /// False until the settings have been loaded from the EEPROM.
    package func isAnswering(at now: ContinuousClock.Instant) -> Bool { now >= answersFrom }

    /// Ends the conversions that are over by `now`; after a one-shot conversion the chip shuts down.
    package mutating func advance(to now: ContinuousClock.Instant) {
        guard timer.endings(by: now, every: mode == .continuous ? cycle : nil) > 0 else { return }
        complete()
        if mode == .oneShot { setMode(.shutdown) }
    }

    /// A register; reading the result or the configuration clears data-ready, the latter in alert mode both alert flags.
    package mutating func contents(of pointer: UInt8, at now: ContinuousClock.Instant) -> [UInt8] {
        let register = Register(rawValue: pointer)
        defer {
            if register == .result || register == .configuration { isReady = false }
            if register == .configuration, !isThermMode { (isAbove, isBelow) = (false, false) }
        }
        return (register.map(word) ?? 0).wireBytes
    }

    /// A register is written when both of its bytes are there.
    package mutating func store(_ data: [UInt8], to pointer: UInt8, at now: ContinuousClock.Instant) {
        guard data.count == 2 else { return }
        let word = UInt16(0).overwritten(by: data)
        switch Register(rawValue: pointer) {
        case .configuration: configure(word, at: now)
        case .high: high = word
        case .low: low = word
        case .offset: offset = word
        case .unlock: unlock = word & 0x8000
        case .result, .eeprom1, .eeprom2, .eeprom3, .identity, nil: break
        }
    }
}

extension TMP117Model {
    private var mode: Mode { Mode(rawValue: configuration >> 10 & 0b11) ?? .continuous }
    private var isThermMode: Bool { configuration & 0x0010 != 0 }
    private var averaging: Int { Int(configuration >> 5 & 0b11) }

    /// AVG1:AVG0.
    ///
    /// SNOSD82D, 7.3.2.
    private var activeTime: Duration { Self.conversionTime * [1, 8, 32, 64][averaging] }

    /// CONV2:CONV0, never shorter than the averages take.
    ///
    /// SNOSD82D, table of the conversion cycle in continuous mode.
    private var cycle: Duration {
        let shortest: [Duration] = [
            Self.conversionTime, .milliseconds(125), .milliseconds(500), .seconds(1),
        ]
        let cycles: [Duration] = [
            Self.conversionTime, .milliseconds(125), .milliseconds(250), .milliseconds(500), .seconds(1),
            .seconds(4), .seconds(8), .seconds(16),
        ]
        return max(shortest[averaging], cycles[Int(configuration >> 7 & 0b111)])
    }

    private mutating func setMode(_ mode: Mode) {
        configuration = configuration & ~0x0C00 | mode.rawValue << 10
    }

    private mutating func configure(_ word: UInt16, at now: ContinuousClock.Instant) {
        guard word & 0x0002 == 0 else {
            let pointer = registers
            self = TMP117Model(celsius: celsius, answersFrom: now.advanced(by: Self.softResetTime))
            registers = pointer
            return
        }
        let before = configuration
        configuration = word & 0x0FFC
        if mode == .continuousToo { setMode(.continuous) }
        switch mode {
        case .shutdown: timer.end = nil
        case .oneShot: timer.end = now.advanced(by: activeTime)
        case .continuous, .continuousToo:
            // Mode, cycle and averages take effect with a conversion of their own.
            if (before ^ configuration) & 0x0FE0 != 0 { timer.end = now.advanced(by: activeTime) }
        }
    }

    private func word(of register: Register) -> UInt16 {
        switch register {
        case .result: result
        case .configuration:
            configuration | (isAbove ? 0x8000 : 0) | (isBelow ? 0x4000 : 0) | (isReady ? 0x2000 : 0)
        case .high: high
        case .low: low
        case .offset: offset
        case .unlock: unlock
        case .eeprom1, .eeprom2, .eeprom3: 0
        case .identity: 0x0117
        }
    }

    private mutating func complete() {
        let measured = Int(code(step: 1.0 / 128, highest: .max)) + Int(Int16(bitPattern: offset))
        let code = Int16(clamping: measured)
        result = UInt16(bitPattern: code)
        isReady = true
        let exceeds = code > Int16(bitPattern: high)
        let isLow = code < Int16(bitPattern: low)
        if isThermMode {
            // The low limit is the hysteresis of the high one.
            isAbove = exceeds || isAbove && !isLow
            isBelow = false
        } else {
            isAbove = isAbove || exceeds
            isBelow = isBelow || isLow
        }
    }
}
