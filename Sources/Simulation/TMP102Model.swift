// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A TMP102 or TMP112, exact on the wire.
///
/// Pointer register of two bits, 16-bit registers most significant byte first, 12-bit or extended 13-bit results, one-shot
/// and continuous conversions in their time, fault queue and alert bit. TI SBOS397, sections 7.3 to 7.5.
package struct TMP102Model: RegisterThermometerModel {
    package static let driverName = "tmp102"
    /// How long one conversion takes: 26 ms typical, 35 ms at most.
    package static let typicalConversionTime = Duration.milliseconds(26)

    private enum Register: UInt8 {
        case temperature, configuration, low, high
    }

    private static let resetConfiguration: UInt16 = 0x6080
    private let conversionTime: Duration

    package var registers = RegisterPointer()
    package var celsius: Double
    /// All but OS and AL, which are computed.
    private var configuration = Self.resetConfiguration
    private var result: UInt16 = 0
    private var low: UInt16 = 0x4B00
    private var high: UInt16 = 0x5000
    private var faults = 0
    private var isAlerting = false
    private var timer: ConversionTimer

    /// Powers the chip up at `instant`: continuous conversions, four a second; the result reads 0 °C until the first ends.
    package init(
        celsius: Double, poweredAt instant: ContinuousClock.Instant,
        conversionTime: Duration = Self.typicalConversionTime
    ) {
        self.celsius = celsius.isFinite ? celsius : 0
        self.conversionTime = conversionTime
        timer = ConversionTimer(end: instant.advanced(by: conversionTime))
    }

    /// Powers the chip up in `ambient` at `instant`.
    package init(ambient: Ambient, poweredAt instant: ContinuousClock.Instant) {
        self.init(celsius: ambient.celsius, poweredAt: instant)
    }

    /// A power cycle: every register and the pointer as after power-up.
    package mutating func resetPower(at now: ContinuousClock.Instant) {
        self = TMP102Model(celsius: celsius, poweredAt: now, conversionTime: conversionTime)
    }

    /// Configuration without the bits that the chip computes, and both limits.
    package var settings: [UInt16] { [configuration, low, high] }

    /// The register that the low two bits of the pointer select.
    package func contents(of pointer: UInt8, at now: ContinuousClock.Instant) -> [UInt8] {
        Register(rawValue: pointer & 0b11).map { word(of: $0, at: now).wireBytes } ?? []
    }

    /// Each byte counts as it comes.
    package mutating func store(_ data: [UInt8], to pointer: UInt8, at now: ContinuousClock.Instant) {
        guard !data.isEmpty else { return }
        switch Register(rawValue: pointer & 0b11) {
        case .low: low = low.overwritten(by: data)
        case .high: high = high.overwritten(by: data)
        case .configuration:
            let startsOneShot = data.count == 1 && data[0] & 0x80 != 0
            configure(configuration.overwritten(by: data), startsOneShot: startsOneShot, at: now)
        case .temperature, nil: break
        }
    }

    /// Ends the conversions that are over by `now`.
    package mutating func advance(to now: ContinuousClock.Instant) {
        for _ in 0..<timer.endings(by: now, every: isShutDown ? nil : period) { complete() }
    }
}

extension TMP102Model {
    private var isShutDown: Bool { configuration & 0x0100 != 0 }
    private var isActiveHigh: Bool { configuration & 0x0400 != 0 }
    private var isExtended: Bool { configuration & 0x0010 != 0 }

    /// Time from one continuous conversion to the next; CR1:CR0.
    private var period: Duration {
        switch configuration >> 6 & 0b11 {
        case 0b00: .seconds(4)
        case 0b01: .seconds(1)
        case 0b10: .milliseconds(250)
        default: .milliseconds(125)
        }
    }

    /// Consecutive faults before the alert; F1:F0.
    private var faultQueue: Int { [1, 2, 4, 6][Int(configuration >> 11 & 0b11)] }

    private func isConverting(at now: ContinuousClock.Instant) -> Bool {
        timer.end.map { now < $0 && $0 <= now.advanced(by: conversionTime) } ?? false
    }

    private func word(of register: Register, at now: ContinuousClock.Instant) -> UInt16 {
        switch register {
        case .temperature: return result
        case .low: return low
        case .high: return high
        case .configuration:
            // OS reads 1 only in shutdown with no conversion under way; AL has the polarity of POL.
            let oneShot: UInt16 = isShutDown && !isConverting(at: now) ? 0x8000 : 0
            let alert: UInt16 = isAlerting == isActiveHigh ? 0x0020 : 0
            return configuration & ~0x8020 | oneShot | alert
        }
    }

    private mutating func configure(_ word: UInt16, startsOneShot: Bool, at now: ContinuousClock.Instant) {
        let wasShutDown = isShutDown
        // R1:R0, OS, AL and the low four bits are not storage.
        configuration = configuration & ~0x1FD0 | word & 0x1FD0
        if !isShutDown {
            // Leaving shutdown starts at once; a faster rate does not wait for the slow one to end.
            let latest = now.advanced(by: period)
            timer.end = wasShutDown ? now.advanced(by: conversionTime) : min(timer.end ?? latest, latest)
        } else {
            // The conversion under way is finished before the chip shuts down.
            if !isConverting(at: now) { timer.end = nil }
            if startsOneShot, timer.end == nil { timer.end = now.advanced(by: conversionTime) }
        }
    }

    private mutating func complete() {
        result =
            isExtended
            ? UInt16(bitPattern: code(step: 0.0625, highest: 4095)) << 3 | 1
            : UInt16(bitPattern: code(step: 0.0625, highest: 2047)) << 4
        updateAlert()
    }

    /// Comparator with fault queue; TM changes the pin only, not the AL bit.
    private mutating func updateAlert() {
        let temperature = Self.steps(of: result, extended: isExtended)
        let isFault =
            isAlerting
            ? temperature < Self.steps(of: low, extended: isExtended)
            : temperature >= Self.steps(of: high, extended: isExtended)
        faults = isFault ? faults + 1 : 0
        if faults >= faultQueue {
            isAlerting.toggle()
            faults = 0
        }
    }

    private static func steps(of word: UInt16, extended: Bool) -> Int16 {
        Int16(bitPattern: word) >> (extended ? 3 : 4)
    }
}
