// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A TMP102 or TMP112, exact on the wire.
///
/// Pointer register of two bits, 16-bit registers most significant byte first, 12-bit or extended 13-bit results, one-shot
/// and continuous conversions in their time, fault queue and alert bit. TI SBOS397, sections 7.3 to 7.5.
package struct TMP102Model: I2CChipModel {
    /// How long one conversion takes: 26 ms typical, 35 ms at most.
    package static let typicalConversionTime = Duration.milliseconds(26)

    private enum Register: UInt8 {
        case temperature, configuration, low, high
    }

    private static let resetConfiguration: UInt16 = 0x6080
    private let conversionTime: Duration

    /// The temperature of the die.
    package private(set) var celsius: Double
    private var pointer = Register.temperature
    /// All but OS and AL, which are computed.
    private var configuration = Self.resetConfiguration
    private var result: UInt16 = 0
    private var low: UInt16 = 0x4B00
    private var high: UInt16 = 0x5000
    private var faults = 0
    private var isAlerting = false
    /// When the conversion under way, or in continuous mode the next one, is done.
    private var conversionEnd: ContinuousClock.Instant?
    /// The register as it was when the controller began to read it, so that both bytes belong together.
    private var readLatch: UInt16 = 0
    private var byteIndex = 0

    /// Powers the chip up at `instant`: continuous conversions, four a second; the result reads 0 °C until the first ends.
    package init(
        celsius: Double, poweredAt instant: ContinuousClock.Instant,
        conversionTime: Duration = Self.typicalConversionTime
    ) {
        self.celsius = celsius.isFinite ? celsius : 0
        self.conversionTime = conversionTime
        self.conversionEnd = instant.advanced(by: conversionTime)
    }

    /// Warms or cools the die; a conversion that ended before `now` keeps the temperature of its time.
    package mutating func setTemperature(_ celsius: Double, at now: ContinuousClock.Instant) {
        advance(to: now)
        if celsius.isFinite { self.celsius = celsius }
    }

    /// A power cycle: every register and the pointer as after power-up.
    package mutating func resetPower(at now: ContinuousClock.Instant) {
        self = TMP102Model(celsius: celsius, poweredAt: now, conversionTime: conversionTime)
    }

    /// Configuration without the bits that the chip computes, and both limits.
    package var settings: [UInt16] { [configuration, low, high] }

    /// The configuration register as the controller would read it.
    package func configurationWord(at now: ContinuousClock.Instant) -> UInt16 {
        var copy = self
        copy.advance(to: now)
        return copy.word(of: .configuration, at: now)
    }

    /// START and the address byte; always acknowledged.
    package mutating func start(reading: Bool, at now: ContinuousClock.Instant) -> Bool {
        advance(to: now)
        byteIndex = 0
        if reading { readLatch = word(of: pointer, at: now) }
        return true
    }

    /// One byte from the controller: the pointer, then the register's bytes.
    package mutating func write(_ byte: UInt8, at now: ContinuousClock.Instant) -> Bool {
        defer { byteIndex += 1 }
        switch byteIndex {
        case 0: pointer = Register(rawValue: byte & 0b11) ?? .temperature
        case 1: store(UInt16(byte) << 8, mask: 0xFF00, at: now)
        case 2: store(UInt16(byte), mask: 0x00FF, at: now)
        default: break
        }
        return true
    }

    /// One byte to the controller; after the two of a register the chip leaves the line alone.
    package mutating func read(at now: ContinuousClock.Instant) -> UInt8 {
        defer { byteIndex += 1 }
        switch byteIndex {
        case 0: return UInt8(readLatch >> 8)
        case 1: return UInt8(readLatch & 0xFF)
        default: return 0xFF
        }
    }

    /// STOP.
    package mutating func stop(at now: ContinuousClock.Instant) {}
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
        conversionEnd.map { now < $0 && $0 <= now.advanced(by: conversionTime) } ?? false
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

    private mutating func store(_ bits: UInt16, mask: UInt16, at now: ContinuousClock.Instant) {
        switch pointer {
        case .temperature: break
        case .low: low = low & ~mask | bits
        case .high: high = high & ~mask | bits
        case .configuration: configure(bits, mask: mask, at: now)
        }
    }

    private mutating func configure(_ bits: UInt16, mask: UInt16, at now: ContinuousClock.Instant) {
        let wasShutDown = isShutDown
        // R1:R0, OS, AL and the low four bits are not storage.
        let writable = mask & 0x1FD0
        configuration = configuration & ~writable | bits & writable
        if !isShutDown {
            // Leaving shutdown starts at once; a faster rate does not wait for the slow one to end.
            let latest = now.advanced(by: period)
            conversionEnd =
                wasShutDown ? now.advanced(by: conversionTime) : min(conversionEnd ?? latest, latest)
        } else {
            // The conversion under way is finished before the chip shuts down.
            if !isConverting(at: now) { conversionEnd = nil }
            if mask & bits & 0x8000 != 0, conversionEnd == nil {
                conversionEnd = now.advanced(by: conversionTime)
            }
        }
    }

    /// Ends the conversions that are over by `now`.
    private mutating func advance(to now: ContinuousClock.Instant) {
        guard let end = conversionEnd, end <= now else { return }
        guard !isShutDown else {
            complete()
            conversionEnd = nil
            return
        }
        let more = Int64((end.duration(to: now) / period).rounded(.down))
        // The temperature was constant meanwhile: beyond the longest fault queue nothing changes any more.
        for _ in 0..<min(more + 1, 7) { complete() }
        conversionEnd = end.advanced(by: period * Double(more + 1))
    }

    private mutating func complete() {
        let steps = (celsius / 0.0625).rounded(.toNearestOrEven)
        if isExtended {
            let code = Int16(max(-4096, min(4095, steps)))
            result = UInt16(bitPattern: code) << 3 | 1
        } else {
            let code = Int16(max(-2048, min(2047, steps)))
            result = UInt16(bitPattern: code) << 4
        }
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

extension TMP102Model: AmbientChipModel {
    package static let driverName = "tmp102"

    /// Powers the chip up in `ambient` at `instant`.
    package init(ambient: Ambient, poweredAt instant: ContinuousClock.Instant) {
        self.init(celsius: ambient.celsius, poweredAt: instant)
    }

    /// Changes what the chip measures from `now` on.
    package mutating func setAmbient(_ ambient: Ambient, at now: ContinuousClock.Instant) {
        setTemperature(ambient.celsius, at: now)
    }
}
