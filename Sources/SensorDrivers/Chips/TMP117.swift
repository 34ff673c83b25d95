// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import Quantities

/// TI TMP117: one temperature within 0.1 °C, one averaged conversion per reading.
///
/// The chip sleeps between readings, so that it does not warm itself. Averages, limits and offset stay as they are; the
/// registers of its EEPROM are never written. TI SNOSD82D.
package struct TMP117: I2CSensorDriver {
    package static let name = "tmp117"
    /// ADD0 at GND, V+, SDA or SCL.
    package static let addresses: [UInt8] = [0x48, 0x49, 0x4A, 0x4B]
    /// SNOSD82D, recommended operating conditions.
    package static let ranges: [Quantity: ClosedRange<Double>] = [.temperature: celsiusRange]
    package static let isChecksummed = false
    /// Start by one write, fetch by one read; the ready flag would cost a third and says no more than the time does.
    package static let transactionsPerReading = 2

    private static let celsiusRange = -55.0...150.0

    /// What each of the conversions that are averaged is given.
    ///
    /// 15.5 ms is typical, and well below this the longest. SNOSD82D, electrical characteristics.
    private static let conversionTime = Duration.milliseconds(20)

    private enum Register {
        static let temperature: UInt8 = 0x00
        static let configuration: UInt8 = 0x01
        static let unlock: UInt8 = 0x04
        static let identity: UInt8 = 0x0F
    }

    /// Bits of the configuration register.
    ///
    /// SNOSD82D, 7.6.
    private enum Configuration {
        static let mode: UInt16 = 0x0C00
        static let shutdown: UInt16 = 0x0400
        static let oneShot: UInt16 = 0x0C00
        /// Cycle, averages, and how the alert pin behaves: all that is storage but the mode.
        static let others: UInt16 = 0x03FC
        static let reset: UInt16 = 0x0220
    }

    private let device: I2CDevice
    /// The configuration as found, without flags.
    private let found: UInt16
    private var hasStarted = false

    /// Checks that the chip is a TMP117 and sends it to sleep.
    ///
    /// Throws `.wrongIdentity` for another chip, and `.sensorFault` while its EEPROM is unlocked: what is written then is kept
    /// for ever.
    package init(_ device: I2CDevice, part: Part) throws(SensorError) {
        self.device = device
        guard !part.isTakenAsGiven else {
            found = Configuration.reset
            return
        }
        try Self.checkIdentity(of: device)
        try Self.checkLock(of: device)
        found = try Self.settings(of: device)
        do throws(SensorError) {
            let asleep = found & Configuration.others | Configuration.shutdown
            try device.send(asleep, to: Register.configuration, while: "putting the TMP117 to sleep")
        } catch {
            // The chip may have taken the setting all the same.
            try? device.writeWord(found, to: Register.configuration)
            throw error
        }
    }

    package mutating func startConversion() throws(SensorError) -> Duration {
        hasStarted = false
        let command = found & Configuration.others | Configuration.oneShot
        try device.send(command, to: Register.configuration, while: "starting a conversion")
        hasStarted = true
        return Self.conversionTime * Self.averages(in: found)
    }

    package mutating func collect() throws(SensorError) -> Progress {
        guard hasStarted else { throw SensorError.notStarted }
        hasStarted = false
        let word = try device.word(from: Register.temperature, while: "reading the temperature")
        return .finished([try Self.measurement(from: word)])
    }

    package mutating func restore() {
        hasStarted = false
        // Nobody is left to tell: a chip that does not answer now cannot be put back.
        try? device.writeWord(found, to: Register.configuration)
    }

    private static func checkIdentity(of device: I2CDevice) throws(SensorError) {
        let word = try device.word(
            from: Register.identity, while: "reading the id of a TMP117 at \(device.location)")
        guard word != 0xFFFF else {
            throw SensorError.onlyOnes(device)
        }
        // Bits 15 to 12 are the revision.
        guard word & 0x0FFF == 0x0117 else {
            throw SensorError(
                .wrongIdentity,
                "the chip at \(device.location) is no TMP117: its id reads 0x\(hex(word)); check driver and address"
            )
        }
    }

    private static func checkLock(of device: I2CDevice) throws(SensorError) {
        let word = try device.word(
            from: Register.unlock, while: "asking whether the EEPROM of the TMP117 is locked")
        guard word & 0x8000 == 0 else {
            throw SensorError(
                .sensorFault,
                "the EEPROM of the TMP117 at \(device.location) is unlocked, so that settings would be kept for ever; "
                    + "switch its power off and on"
            )
        }
    }

    /// The configuration without flags, as it can be written back.
    private static func settings(of device: I2CDevice) throws(SensorError) -> UInt16 {
        let word = try device.word(
            from: Register.configuration, while: "reading the configuration of the TMP117")
        let mode = word & Configuration.mode
        // A one-shot conversion under way ends in shutdown.
        return word & Configuration.others | (mode == Configuration.oneShot ? Configuration.shutdown : mode)
    }

    /// How many conversions the chip averages; AVG1:AVG0.
    ///
    /// SNOSD82D, 7.3.2.
    private static func averages(in configuration: UInt16) -> Int {
        [1, 8, 32, 64][Int(configuration >> 5 & 0b11)]
    }

    /// The temperature of a result word.
    ///
    /// SNOSD82D, table 7-1.
    ///
    /// Throws `.notReady` for the word that the chip shows until the first conversion after a reset has ended, `.outOfRange`
    /// outside −55…150 °C.
    static func measurement(from word: UInt16) throws(SensorError) -> Measurement {
        guard word != 0x8000 else {
            throw SensorError(.notReady, "the chip was reset and has not converted yet")
        }
        let celsius = Double(Int16(bitPattern: word)) / 128
        return try .temperature(celsius, within: celsiusRange)
    }
}
