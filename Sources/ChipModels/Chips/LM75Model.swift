// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Simulation

/// A chip of the LM75 family, exact on the wire.
///
/// What the alert output does is not modelled: no register of these parts shows it. National SNIS153 (LM75), NXP LM75B Rev 6.1,
/// NXP PCT2075, TI SBOS288M (TMP75).
package struct LM75Model: RegisterThermometerModel {
    /// The members that differ on the wire.
    package enum Variant: Sendable {
        /// Nine bits; the seven below are undefined and read 1 here, so that nobody relies on them.
        case lm75
        /// Eleven bits, ten conversions a second.
        case lm75b
        /// As LM75B, and the time between conversions can be set.
        case pct2075
        /// TMP75, TMP175, TMP275 and TMP105: nine to twelve bits and one-shot conversions.
        case tmp75
    }

    package static let driverName = "lm75"

    private enum Register: UInt8 {
        case temperature, configuration, hysteresis, overTemperature, idle
    }

    package var registers = RegisterPointer()
    package var celsius: Double
    private let variant: Variant
    private var configuration: UInt8 = 0
    private var result: Int16 = 0
    private var hysteresis: UInt16 = 0x4B00
    private var overTemperature: UInt16 = 0x5000
    /// Tenths of a second between conversions; 0 is taken as 1.
    private var idle: UInt8 = 0
    private var lastRead: [UInt8] = [0, 0]
    private var timer = ConversionTimer()

    /// Powers the chip up at `instant`: it converts by itself, and the result reads 0 °C until the first conversion ends.
    package init(_ variant: Variant, ambient: Ambient, poweredAt instant: ContinuousClock.Instant) {
        self.variant = variant
        celsius = ambient.celsius.isFinite ? ambient.celsius : 0
        timer.end = instant.advanced(by: period)
    }

    /// Powers an LM75 up in `ambient` at `instant`.
    package init(ambient: Ambient, poweredAt instant: ContinuousClock.Instant) {
        self.init(.lm75, ambient: ambient, poweredAt: instant)
    }

    /// A power cycle: every register and the pointer as after power-up.
    package mutating func resetPower(at now: ContinuousClock.Instant) {
        self = LM75Model(variant, ambient: Ambient(celsius: celsius), poweredAt: now)
    }

    /// Configuration, both limits, and the time between conversions.
    package var settings: [UInt16] { [UInt16(configuration), hysteresis, overTemperature, UInt16(idle)] }

    /// Ends the conversions that are over by `now`.
    package mutating func advance(to now: ContinuousClock.Instant) {
        guard timer.endings(by: now, every: isShutDown ? nil : period) > 0 else { return }
        let discarded = 16 - bits
        let step = 256.0 / Double(1 << bits)
        result = code(step: step, highest: .max >> discarded) << discarded
    }

    /// A register; where an LM75 has none, it repeats what was read last.
    package mutating func contents(of pointer: UInt8, at now: ContinuousClock.Instant) -> [UInt8] {
        guard let register = register(at: pointer) else { return lastRead }
        switch register {
        case .temperature:
            lastRead = (UInt16(bitPattern: result) | (variant == .lm75 ? 0x007F : 0)).wireBytes
        case .configuration: lastRead = [configuration]
        case .hysteresis: lastRead = hysteresis.wireBytes
        case .overTemperature: lastRead = overTemperature.wireBytes
        case .idle: lastRead = [idle]
        }
        return lastRead
    }

    /// Each byte counts as it comes.
    package mutating func store(_ data: [UInt8], to pointer: UInt8, at now: ContinuousClock.Instant) {
        let limitBits: UInt16 = variant == .tmp75 ? 0xFFF0 : 0xFF80
        switch (register(at: pointer), data.count) {
        case (.configuration, 1): configure(data[0], at: now)
        case (.hysteresis, _): hysteresis = hysteresis.overwritten(by: data) & limitBits
        case (.overTemperature, _): overTemperature = overTemperature.overwritten(by: data) & limitBits
        case (.idle, 1): idle = data[0] & 0x1F
        default: break
        }
    }
}

extension LM75Model {
    private var isShutDown: Bool { configuration & 0x01 != 0 }

    private var bits: Int {
        switch variant {
        case .lm75: 9
        case .lm75b, .pct2075: 11
        case .tmp75: 9 + resolution
        }
    }

    private var resolution: Int { Int(configuration >> 5 & 0b11) }

    /// Time from one conversion to the next, typical; for TI's parts the conversion itself, by R1:R0.
    ///
    /// SBOS288M, 6.5.
    private var period: Duration {
        switch variant {
        case .lm75, .lm75b: .milliseconds(100)
        case .pct2075: .milliseconds(100) * max(1, Int(idle))
        case .tmp75: .microseconds([27_500, 55_000, 110_000, 220_000][resolution])
        }
    }

    /// LM75 and PCT2075 decode three bits of the pointer, the others two.
    private func register(at pointer: UInt8) -> Register? {
        switch variant {
        case .lm75: pointer & 0b111 < 4 ? Register(rawValue: pointer & 0b111) : nil
        case .pct2075: Register(rawValue: pointer & 0b111)
        case .lm75b, .tmp75: Register(rawValue: pointer & 0b11)
        }
    }

    private mutating func configure(_ byte: UInt8, at now: ContinuousClock.Instant) {
        let (before, wasShutDown) = (bits, isShutDown)
        // OS is a command and reads 0.
        configuration = byte & (variant == .tmp75 ? 0x7F : 0x1F)
        if !isShutDown {
            if wasShutDown || bits != before { timer.end = now.advanced(by: period) }
        } else if variant == .tmp75 {
            // The conversion under way is finished before the chip shuts down; OS counts only in shutdown.
            let startsOneShot = byte & 0x80 != 0 && timer.end == nil
            let isRestarted = timer.end != nil && bits != before
            if startsOneShot || isRestarted { timer.end = now.advanced(by: period) }
        } else {
            timer.end = nil
        }
    }
}
