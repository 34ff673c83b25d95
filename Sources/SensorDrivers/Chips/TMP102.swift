// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import Quantities

/// TI TMP102 and TMP112, which cannot be told apart: one temperature, one conversion per reading.
///
/// The chip sleeps between readings, so that it does not warm itself. TI SBOS397 (TMP102), SBOS473 (TMP112).
package struct TMP102: I2CSensorDriver {
    package static let name = "tmp102"
    /// ADD0 at GND, V+, SDA or SCL.
    package static let addresses: [UInt8] = [0x48, 0x49, 0x4A, 0x4B]
    /// SBOS397, recommended operating conditions and table of the extended format.
    package static let ranges: [Quantity: ClosedRange<Double>] = [.temperature: celsiusRange]
    package static let isChecksummed = false
    /// Start by one write, fetch by one read.
    package static let transactionsPerReading = 2

    private static let celsiusRange = -55.0...150.0

    /// The longest conversion; 26 ms is typical.
    ///
    /// SBOS397, electrical characteristics.
    private static let conversionTime = Duration.milliseconds(35)

    private enum Register {
        static let temperature: UInt8 = 0x00
        static let configuration: UInt8 = 0x01
    }

    /// Bits of the configuration register.
    ///
    /// SBOS397, 7.5.3.
    private enum Configuration {
        static let oneShot: UInt16 = 0x8000
        static let resolution: UInt16 = 0x6000
        static let shutdown: UInt16 = 0x0100
        static let rate: UInt16 = 0x00C0
        static let reserved: UInt16 = 0x000F
    }

    private let device: I2CDevice
    /// The configuration as found, without OS, which would start a conversion when written back.
    private let found: UInt16
    /// Whether the chip took the shutdown bit; else it converts by itself and is read as it runs.
    private let sleeps: Bool
    private var hasStarted = false

    /// Checks that the chip looks like a TMP102 and sends it to sleep.
    ///
    /// There is no id register: the bits that always read 1 and 0 are the evidence that exists. Throws `.wrongIdentity` where
    /// they differ.
    package init(_ device: I2CDevice, part: Part) throws(SensorError) {
        self.device = device
        guard !part.isTakenAsGiven else {
            (found, sleeps) = (0, false)
            return
        }
        let word = try Self.configuration(of: device)
        found = word & ~Configuration.oneShot
        let step = "putting the TMP102 to sleep"
        do throws(SensorError) {
            try device.send(found | Configuration.shutdown, to: Register.configuration, while: step)
            sleeps =
                try device.word(from: Register.configuration, while: step) & Configuration.shutdown != 0
        } catch {
            // The chip may have taken the setting all the same.
            try? device.writeWord(found, to: Register.configuration)
            throw error
        }
    }

    package mutating func startConversion() throws(SensorError) -> Duration {
        hasStarted = false
        if sleeps {
            let command = found | Configuration.shutdown | Configuration.oneShot
            try device.send(command, to: Register.configuration, while: "starting a conversion")
        }
        hasStarted = true
        return sleeps ? Self.conversionTime : Self.period(of: found) + Self.conversionTime
    }

    package mutating func collect() throws(SensorError) -> Progress {
        guard hasStarted else { throw SensorError.notStarted }
        hasStarted = false
        let word = try device.word(from: Register.temperature, while: "reading the temperature")
        // A chip that lost power since the start shows 0 °C until its first own conversion ends, and is awake.
        if word == 0, sleeps, try Self.configuration(of: device) & Configuration.shutdown == 0 {
            throw SensorError(.powerOnValue, "the chip was reset during the conversion")
        }
        return .finished([try Self.measurement(from: word)])
    }

    package mutating func restore() {
        hasStarted = false
        // Nobody is left to tell: a chip that does not answer now cannot be put back.
        try? device.writeWord(found, to: Register.configuration)
    }

    /// Reads the configuration and checks its constant bits.
    private static func configuration(of device: I2CDevice) throws(SensorError) -> UInt16 {
        let word = try device.word(
            from: Register.configuration,
            while: "reading the configuration of a TMP102 at \(device.location)")
        guard word != 0xFFFF else { throw SensorError.onlyOnes(device) }
        let isChip =
            word & Configuration.resolution == Configuration.resolution && word & Configuration.reserved == 0
        guard isChip else {
            throw SensorError(
                .wrongIdentity,
                "the chip at \(device.location) is no TMP102 or TMP112: its configuration reads 0x\(hex(word))"
            )
        }
        return word
    }

    /// How often a chip that is awake converts; CR1:CR0.
    ///
    /// SBOS397, 7.5.3.7.
    private static func period(of configuration: UInt16) -> Duration {
        switch (configuration & Configuration.rate) >> 6 {
        case 0: .seconds(4)
        case 1: .seconds(1)
        case 2: .milliseconds(250)
        default: .milliseconds(125)
        }
    }

    /// The temperature of a result word.
    ///
    /// SBOS397, 7.3.2, tables of the normal and the extended format.
    ///
    /// Bit 0 tells the format of that very result: after a change of EM the next one may still be in the old format.
    /// Throws `.busError` where a bit is set that always reads 0, `.outOfRange` outside −55…150 °C.
    static func measurement(from word: UInt16) throws(SensorError) -> Measurement {
        let isExtended = word & 1 != 0
        guard word & (isExtended ? 0b110 : 0b1110) == 0 else {
            throw SensorError(.busError, "the temperature reads 0x\(hex(word)), with bits that are always 0")
        }
        let celsius = Double(Int16(bitPattern: word) >> (isExtended ? 3 : 4)) * 0.0625
        let measurement = try Measurement.temperature(celsius, within: celsiusRange)
        // 128 °C and more give the same code as 127.9375 °C.
        guard isExtended || celsius < 127.9375 else {
            return Measurement(.temperature, celsius, quality: .suspect(.saturated), flags: [.saturated])
        }
        return measurement
    }
}
