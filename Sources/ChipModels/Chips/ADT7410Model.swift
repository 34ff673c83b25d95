// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Simulation

/// An ADT7410 or ADT7420, exact on the wire.
///
/// Registers of one byte with a pointer that runs on within a message, four modes, both formats, the ready bit, limits with
/// hysteresis and fault queue, and the reset command. ADT7410 data sheet Rev. A, ADT7420 Rev. 0.
package struct ADT7410Model: RegisterThermometerModel {
    package static let driverName = "adt7410"

    /// Configuration bits 6:5.
    private enum Mode: UInt8 {
        case continuous, oneShot, everySecond, shutdown
    }

    /// What the temperature is compared with, in the order of the status bits 4, 5 and 6.
    private enum Limit: Int, CaseIterable {
        case low, high, critical
    }

    private static let firstConversionTime = Duration.milliseconds(6)
    private static let conversionTime = Duration.milliseconds(240)
    /// A conversion in the mode with one per second.
    private static let shortConversionTime = Duration.milliseconds(60)
    private static let resetTime = Duration.microseconds(200)
    private static let resetCommand: UInt8 = 0x2F

    package var registers = RegisterPointer()
    package var celsius: Double
    private var configuration: UInt8 = 0
    private var result: UInt16 = 0
    private var limits: [UInt16] = [0x0500, 0x2000, 0x4980]
    private var hysteresis: UInt8 = 0x05
    private var isBusy = true
    private var flags: [Bool] = [false, false, false]
    private var faults: [Int] = [0, 0, 0]
    private var timer = ConversionTimer()
    private let answersFrom: ContinuousClock.Instant

    /// Powers the chip up in `ambient` at `instant`: it converts by itself, the first time quickly, and reads 0 °C until then.
    package init(ambient: Ambient, poweredAt instant: ContinuousClock.Instant) {
        celsius = ambient.celsius.isFinite ? ambient.celsius : 0
        answersFrom = instant
        timer.end = instant.advanced(by: Self.firstConversionTime)
    }

    /// A power cycle: every register and the pointer as after power-up.
    package mutating func resetPower(at now: ContinuousClock.Instant) {
        self = ADT7410Model(ambient: Ambient(celsius: celsius), poweredAt: now)
    }

    /// Configuration, the three limits, and the hysteresis.
    package var settings: [UInt16] { [UInt16(configuration)] + limits + [UInt16(hysteresis)] }

    /// False while a reset loads the defaults.
    package func isAnswering(at now: ContinuousClock.Instant) -> Bool { now >= answersFrom }

    /// Ends the conversions that are over by `now`.
    package mutating func advance(to now: ContinuousClock.Instant) {
        for _ in 0..<timer.endings(by: now, every: period) { complete() }
    }

    /// The registers from `pointer` on; reading the temperature makes the chip say busy, reading the status clears its flags.
    package mutating func contents(of pointer: UInt8, at now: ContinuousClock.Instant) -> [UInt8] {
        let bytes = (pointer...max(pointer, 0x0B)).map { byte(at: $0) }
        if pointer < 2 { isBusy = true }
        if pointer == 2 { flags = [false, false, false] }
        return bytes
    }

    /// Each byte goes to the register after that of the one before; the reset command is a pointer alone.
    package mutating func store(_ data: [UInt8], to pointer: UInt8, at now: ContinuousClock.Instant) {
        guard let byte = data.last else {
            if pointer == Self.resetCommand {
                self = ADT7410Model(
                    ambient: Ambient(celsius: celsius), poweredAt: now.advanced(by: Self.resetTime))
            }
            return
        }
        let register = Int(pointer) + data.count - 1
        switch register {
        case 0x03: configure(byte, at: now)
        case 0x04...0x09:
            let limit = [Limit.high, .low, .critical][(register - 4) / 2].rawValue
            limits[limit] =
                register.isMultiple(of: 2)
                ? UInt16(byte) << 8 | limits[limit] & 0xFF : limits[limit] & 0xFF00 | UInt16(byte)
        case 0x0A: hysteresis = byte & 0x0F
        default: break
        }
    }
}

extension ADT7410Model {
    private var mode: Mode { Mode(rawValue: configuration >> 5 & 0b11) ?? .continuous }
    private var isWide: Bool { configuration & 0x80 != 0 }

    /// Time from one conversion to the next; `nil` where none follows by itself.
    private var period: Duration? {
        switch mode {
        case .continuous: Self.conversionTime
        case .everySecond: .seconds(1)
        case .oneShot, .shutdown: nil
        }
    }

    private func byte(at register: UInt8) -> UInt8 {
        switch register {
        case 0x00: UInt8(result >> 8)
        case 0x01: UInt8(result & 0xFF)
        case 0x02: (isBusy ? 0x80 : 0) | bits(of: flags) << 4
        case 0x03: configuration
        case 0x04, 0x05: limits[Limit.high.rawValue].wireBytes[Int(register & 1)]
        case 0x06, 0x07: limits[Limit.low.rawValue].wireBytes[Int(register & 1)]
        case 0x08, 0x09: limits[Limit.critical.rawValue].wireBytes[Int(register & 1)]
        case 0x0A: hysteresis
        case 0x0B: 0xCB
        default: 0
        }
    }

    private func bits(of flags: [Bool]) -> UInt8 {
        Limit.allCases.reduce(0) { $0 | (flags[$1.rawValue] ? 1 << UInt8($1.rawValue) : 0) }
    }

    private mutating func configure(_ byte: UInt8, at now: ContinuousClock.Instant) {
        let before = mode
        configuration = byte
        // In these two modes a write to the mode bits says that no result is there yet.
        if mode == .oneShot || mode == .everySecond { isBusy = true }
        switch mode {
        case .shutdown: timer.end = nil
        case .oneShot: timer.end = now.advanced(by: Self.conversionTime)
        case .everySecond: if before != mode { timer.end = now.advanced(by: Self.shortConversionTime) }
        case .continuous: if before != mode { timer.end = now.advanced(by: Self.conversionTime) }
        }
    }

    private mutating func complete() {
        let code = isWide ? code(step: 1.0 / 128, highest: .max) : code(step: 0.0625, highest: 4095) << 3
        let over = Limit.allCases.map { exceeds($0, code, by: 0) }
        result = UInt16(bitPattern: code) | (isWide ? 0 : UInt16(bits(of: over)))
        isBusy = false
        let queue = Int(configuration & 0b11) + 1
        for limit in Limit.allCases {
            let index = limit.rawValue
            faults[index] = over[index] ? faults[index] + 1 : 0
            if faults[index] >= queue {
                flags[index] = true
                faults[index] = 0
            } else if !exceeds(limit, code, by: -Int(hysteresis) * 128) {
                flags[index] = false
            }
        }
    }

    /// Whether the temperature is beyond the limit by more than `margin`, in steps of 1/128 °C.
    private func exceeds(_ limit: Limit, _ code: Int16, by margin: Int) -> Bool {
        let distance = Int(code) - Int(Int16(bitPattern: limits[limit.rawValue]))
        return limit == .low ? -distance > margin : distance > margin
    }
}
