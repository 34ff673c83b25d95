// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import Quantities

/// The LM75 family: one temperature of 9 to 12 bits.
///
/// TI's parts sleep and convert once per reading with twelve bits, so that they do not warm themselves. The others have no
/// such command: they run, and are read after a whole conversion. National SNIS153 (LM75), NXP LM75B Rev 6.1, TI SBOS288M.
package struct LM75: I2CSensorDriver {
    package static let name = "lm75"
    /// A2 to A0.
    package static let addresses: [UInt8] = [0x48, 0x49, 0x4A, 0x4B, 0x4C, 0x4D, 0x4E, 0x4F]
    /// From the lowest specified temperature to the end of the longest format.
    package static let ranges: [Quantity: ClosedRange<Double>] = [.temperature: celsiusRange]
    package static let isChecksummed = false
    /// One read; TI's parts need the write that starts the conversion before it.
    package static let transactionsPerReading = 1

    private static let celsiusRange = -55.0...127.9375

    private enum Register {
        static let temperature: UInt8 = 0x00
        static let configuration: UInt8 = 0x01
        static let hysteresis: UInt8 = 0x02
        static let overTemperature: UInt8 = 0x03
        static let idleTime: UInt8 = 0x04
        /// Where other chips at the same addresses have their ids.
        static let identityOfADT7410: UInt8 = 0x0B
        static let identityOfTMP117: UInt8 = 0x0F
    }

    /// Bits of the configuration register.
    private enum Configuration {
        static let oneShot: UInt8 = 0x80
        /// TI only.
        static let resolution: UInt8 = 0x60
        static let shutdown: UInt8 = 0x01
    }

    /// Where a reading stands.
    private enum Step {
        case idle, started
        /// The result was 0 °C, and another one decides.
        case confirming
    }

    private let device: I2CDevice
    private let variant: Variant
    /// The configuration as found, without OS, which would start a conversion when written back.
    private let found: UInt8
    /// The configuration between readings.
    private let resting: UInt8
    private var step = Step.idle

    /// Checks that the chip may be a member of the family, and sends it to sleep or wakes it up.
    ///
    /// There is no id: only what it cannot be is found out. Throws `.wrongIdentity` for that.
    package init(_ device: I2CDevice, part: Part) throws(SensorError) {
        self.device = device
        var variant = Variant(part)
        guard !part.isTakenAsGiven else {
            self.variant = variant
            (found, resting) = (0, 0)
            return
        }
        try Self.checkLimits(of: device)
        try Self.checkOtherIdentities(of: device)
        found = try Self.configuration(of: device, variant) & ~Configuration.oneShot
        resting =
            variant.hasOneShot
            ? found | Configuration.resolution | Configuration.shutdown : found & ~Configuration.shutdown
        if variant.hasIdleTime {
            variant.conversionTime *= max(1, Int(try Self.byte(Register.idleTime, of: device) & 0x1F))
        }
        self.variant = variant
        guard resting != found else { return }
        do throws(SensorError) {
            try configure(as: part)
        } catch {
            restore()
            throw error
        }
    }

    /// Writes the configuration between readings; throws `.wrongIdentity` where the part does not keep it.
    private func configure(as part: Part) throws(SensorError) {
        try device.send([Register.configuration, resting], while: "configuring the \(part.name)")
        guard try Self.configuration(of: device, variant) & ~Configuration.oneShot == resting else {
            throw SensorError(
                .wrongIdentity,
                "the chip at \(device.location) is no \(part.name): it does not keep its configuration; "
                    + "if it has no resolution bits, its driver is lm75")
        }
    }

    package mutating func startConversion() throws(SensorError) -> Duration {
        step = .idle
        if variant.hasOneShot {
            try device.send(
                [Register.configuration, resting | Configuration.oneShot], while: "starting a conversion")
        }
        step = .started
        // A conversion that runs already may have begun long before: the one after it counts.
        return variant.hasOneShot ? variant.conversionTime : variant.conversionTime * 2
    }

    package mutating func collect() throws(SensorError) -> Progress {
        guard step != .idle else { throw SensorError.notStarted }
        let isConfirming = step == .confirming
        step = .idle
        let word = try Self.word(Register.temperature, of: device)
        // A chip that lost power shows 0 °C until its first own conversion ends.
        if Self.raw(word, bits: variant.bits) == 0 {
            if variant.hasOneShot {
                let now = try Self.configuration(of: device, variant)
                guard now & Configuration.shutdown != 0 else {
                    throw SensorError(.powerOnValue, "the chip was reset during the conversion")
                }
            } else if !isConfirming {
                step = .confirming
                return .wait(variant.conversionTime)
            }
        }
        // With undefined low bits this can be −0.5 °C: a dead bus shows in the configuration.
        if word == 0xFFFF { _ = try Self.configuration(of: device, variant) }
        return .finished([try Self.measurement(from: word, bits: variant.bits)])
    }

    package mutating func restore() {
        step = .idle
        guard resting != found else { return }
        // Nobody is left to tell: a chip that does not answer now cannot be put back.
        try? device.write([Register.configuration, found])
    }

    /// The temperature of a result word of a part with that many bits, 9 to 12.
    ///
    /// NXP LM75B Rev 6.1, 7.4.3; SBOS288M, table 7-1.
    ///
    /// Throws `.busError` where a bit is set that always reads 0; those below nine bits are undefined. Throws `.outOfRange`
    /// below −55 °C.
    static func measurement(from word: UInt16, bits: Int) throws(SensorError) -> Measurement {
        let discarded = UInt16.max >> UInt16(bits)
        guard bits == 9 || word & discarded == 0 else {
            throw SensorError(.busError, "the temperature reads 0x\(hex(word)), with bits that are always 0")
        }
        let raw = raw(word, bits: bits)
        let celsius = Double(raw) * 256 / Double(1 << bits)
        let measurement = try Measurement.temperature(celsius, within: celsiusRange)
        // 128 °C and more give the highest code.
        guard raw < (1 << (bits - 1)) - 1 else {
            return Measurement(.temperature, celsius, quality: .suspect(.saturated), flags: [.saturated])
        }
        return measurement
    }

    private static func raw(_ word: UInt16, bits: Int) -> Int { Int(Int16(bitPattern: word)) >> (16 - bits) }
}

// MARK: - What the chip may be

extension LM75 {
    /// The hysteresis and the limit are never both 0 °C, except on a bus that something holds low.
    private static func checkLimits(of device: I2CDevice) throws(SensorError) {
        let limits = [
            try word(Register.hysteresis, of: device), try word(Register.overTemperature, of: device),
        ]
        guard !limits.contains(0xFFFF), limits != [0, 0] else {
            throw SensorError(
                .busError,
                "both limits read 0x\(hex(limits[0])) and 0x\(hex(limits[1])): no LM75 at \(device.location); "
                    + "check the wiring")
        }
    }

    /// Two chips at the same addresses would pass for an LM75 that shows half the temperature.
    private static func checkOtherIdentities(of device: I2CDevice) throws(SensorError) {
        let others = [
            ("tmp117", try word(Register.identityOfTMP117, of: device) & 0x0FFF == 0x0117),
            ("adt7410", try byte(Register.identityOfADT7410, of: device) & 0xF8 == 0xC8),
        ]
        guard let other = others.first(where: \.1) else { return }
        throw SensorError(
            .wrongIdentity,
            "the chip at \(device.location) is no LM75: it has another one's id; its driver is \(other.0)")
    }

    /// Reads the configuration and, where the part has constant bits in it, checks them.
    private static func configuration(of device: I2CDevice, _ variant: Variant) throws(SensorError) -> UInt8 {
        let byte = try byte(Register.configuration, of: device)
        guard byte != 0xFF else {
            throw SensorError.onlyOnes(device)
        }
        guard variant.hasOneShot || byte & (Configuration.oneShot | Configuration.resolution) == 0 else {
            throw SensorError(
                .wrongIdentity,
                "the chip at \(device.location) has resolution bits in its configuration, 0x\(hex(byte)); "
                    + "if it is a TMP75, TMP175, TMP275, TMP105 or TMP102, name that as its driver")
        }
        return byte
    }

    private static func word(_ register: UInt8, of device: I2CDevice) throws(SensorError) -> UInt16 {
        try device.word(
            from: register, while: "reading register \(register) of an LM75 at \(device.location)")
    }

    private static func byte(_ register: UInt8, of device: I2CDevice) throws(SensorError) -> UInt8 {
        try device.byte(
            from: register, while: "reading register \(register) of an LM75 at \(device.location)")
    }

    /// What the members of the family differ in.
    private struct Variant {
        /// Bits of the temperature.
        var bits: Int
        /// The longest conversion; while the part runs by itself also the time from one result to the next.
        var conversionTime: Duration
        /// Whether the part converts when told and has resolution bits.
        var hasOneShot = false
        /// Whether a register says how many tenths of a second lie between conversions.
        var hasIdleTime = false

        init(_ part: Part) {
            switch part.name {
            // SBOS288M: with twelve bits 220 ms, at most 300 ms.
            case "tmp75", "tmp175", "tmp275", "tmp105":
                (bits, conversionTime) = (12, .milliseconds(300))
                hasOneShot = !part.isTakenAsGiven
            // NXP: ten results a second; a tenth more for the oscillator.
            case "lm75b", "pct2075":
                (bits, conversionTime) = (11, .milliseconds(110))
                hasIdleTime = part.name == "pct2075"
            // 100 ms typical; some clones take three times as long. NXP's LM75A has eleven bits, National's nine.
            default: (bits, conversionTime) = (9, .milliseconds(300))
            }
            if let given = part.resolutionBits { bits = max(9, min(12, given)) }
        }
    }
}
