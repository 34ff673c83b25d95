// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Simulation

/// An MCP9808, exact on the wire.
///
/// Resolutions with their conversion times, shutdown, locks that only a power cycle opens, and the limits with their
/// hysteresis as flags above the temperature and as alert status. Microchip DS25095A, sections 5.1 to 5.3.
package struct MCP9808Model: RegisterThermometerModel {
    package static let driverName = "mcp9808"

    private enum Register: UInt8 {
        case reserved, configuration, upper, lower, critical, temperature, manufacturer, device, resolution
    }

    package var registers = RegisterPointer()
    package var celsius: Double
    /// Whether a register above 0x08 was touched, which the maker keeps for test and calibration.
    package private(set) var isSpoiled = false
    /// All but interrupt clear and alert status.
    private var configuration: UInt16 = 0
    private var upper: UInt16 = 0
    private var lower: UInt16 = 0
    private var critical: UInt16 = 0
    private var resolution: UInt8 = 3
    private var result: Int16 = 0
    private var isCritical = false
    private var isAbove = false
    private var isBelow = false
    private var isInterrupting = false
    private var timer = ConversionTimer()

    /// Powers the chip up in `ambient` at `instant`: it converts by itself and reads 0 °C until the first conversion ends.
    package init(ambient: Ambient, poweredAt instant: ContinuousClock.Instant) {
        celsius = ambient.celsius.isFinite ? ambient.celsius : 0
        timer.end = instant.advanced(by: conversionTime)
    }

    /// A power cycle: every register and the pointer as after power-up.
    package mutating func resetPower(at now: ContinuousClock.Instant) {
        self = MCP9808Model(ambient: Ambient(celsius: celsius), poweredAt: now)
    }

    /// Configuration without what the chip computes, the three limits, and the resolution.
    package var settings: [UInt16] { [configuration, upper, lower, critical, UInt16(resolution)] }

    /// Ends the conversions that are over by `now`.
    package mutating func advance(to now: ContinuousClock.Instant) {
        guard timer.endings(by: now, every: isShutDown ? nil : conversionTime) > 0 else { return }
        // Steps of 1/16 °C; what is below the resolution stays 0.
        let discarded = 3 - Int(resolution)
        result = code(step: 0.0625 * Double(1 << discarded), highest: 4095 >> discarded) << discarded
        compare()
    }

    /// A register of two bytes, the last one of one byte.
    package mutating func contents(of pointer: UInt8, at now: ContinuousClock.Instant) -> [UInt8] {
        guard let register = register(at: pointer) else { return [] }
        return switch register {
        case .reserved: UInt16(0x001F).wireBytes
        case .configuration: (configuration | (isAsserted ? 0x0010 : 0)).wireBytes
        case .upper: upper.wireBytes
        case .lower: lower.wireBytes
        case .critical: critical.wireBytes
        case .temperature: temperatureWord.wireBytes
        case .manufacturer: UInt16(0x0054).wireBytes
        case .device: UInt16(0x0400).wireBytes
        case .resolution: [resolution]
        }
    }

    /// A register is written when all of its bytes are there.
    package mutating func store(_ data: [UInt8], to pointer: UInt8, at now: ContinuousClock.Instant) {
        let register = register(at: pointer)
        if register == .resolution, data.count == 1 {
            resolution = data[0] & 0b11
            if !isShutDown { timer.end = now.advanced(by: conversionTime) }
        }
        guard data.count == 2 else { return }
        let word = UInt16(0).overwritten(by: data)
        switch register {
        case .configuration: configure(word, at: now)
        case .upper where !isWindowLocked: upper = word & 0x1FFC
        case .lower where !isWindowLocked: lower = word & 0x1FFC
        case .critical where !isCriticalLocked: critical = word & 0x1FFC
        default: break
        }
    }
}

extension MCP9808Model {
    private var isShutDown: Bool { configuration & 0x0100 != 0 }
    private var isCriticalLocked: Bool { configuration & 0x0080 != 0 }
    private var isWindowLocked: Bool { configuration & 0x0040 != 0 }

    /// Typical; DS25095A, temperature characteristics.
    private var conversionTime: Duration { .milliseconds([30, 65, 130, 250][Int(resolution)]) }

    /// The four low bits of the pointer.
    private mutating func register(at pointer: UInt8) -> Register? {
        let register = Register(rawValue: pointer & 0x0F)
        if register == nil || pointer > 0x0F { isSpoiled = true }
        return register
    }

    private var temperatureWord: UInt16 {
        UInt16(bitPattern: result) & 0x1FFF
            | (isCritical ? 0x8000 : 0) | (isAbove ? 0x4000 : 0) | (isBelow ? 0x2000 : 0)
    }

    private mutating func configure(_ word: UInt16, at now: ContinuousClock.Instant) {
        let wasShutDown = isShutDown
        if word & 0x0020 != 0 { isInterrupting = false }
        // Locks stay until the power goes, and keep all but themselves; shutdown can be left but not entered.
        let locks = configuration & 0x00C0
        let settings = locks == 0 ? word & 0x070F : configuration & 0x060F | configuration & word & 0x0100
        configuration = settings | locks | word & 0x00C0
        if isShutDown {
            timer.end = nil
        } else if wasShutDown {
            timer.end = now.advanced(by: conversionTime)
        }
    }

    /// DS25095A, 5.2.2 and figure 5-10: the hysteresis counts while the temperature falls.
    private mutating func compare() {
        let before = [isCritical, isAbove, isBelow]
        let hysteresis = [0, 24, 48, 96][Int(configuration >> 9 & 0b11)]
        let temperature = Int(result)
        isCritical = temperature >= Self.steps(critical) - (isCritical ? hysteresis : 0)
        isAbove = temperature > Self.steps(upper) - (isAbove ? hysteresis : 0)
        isBelow = temperature < Self.steps(lower) - (isBelow ? 0 : hysteresis)
        if before != [isCritical, isAbove, isBelow] { isInterrupting = true }
    }

    /// A limit in steps of 1/16 °C.
    private static func steps(_ limit: UInt16) -> Int { Int(Int16(bitPattern: limit << 3) >> 3) }

    /// Alert status: in comparator mode what the flags say, in interrupt mode whether one has changed and was not cleared.
    private var isAsserted: Bool {
        guard configuration & 0x0008 != 0 else { return false }
        let flags = isCritical || configuration & 0x0004 == 0 && (isAbove || isBelow)
        return configuration & 0x0001 == 0 ? flags : isInterrupting
    }
}
