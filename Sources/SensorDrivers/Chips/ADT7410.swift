// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import Quantities

/// Analog Devices ADT7410 and ADT7420, which have the same registers: one temperature, one conversion per reading.
///
/// The chip sleeps between readings, so that it does not warm itself. ADT7410 data sheet Rev. A, ADT7420 Rev. 0.
package struct ADT7410: I2CSensorDriver {
    package static let name = "adt7410"
    /// A1 and A0.
    package static let addresses: [UInt8] = [0x48, 0x49, 0x4A, 0x4B]
    /// What both are specified to operate at, the ADT7410 to the lower end.
    package static let ranges: [Quantity: ClosedRange<Double>] = [.temperature: celsiusRange]
    package static let isChecksummed = false
    /// Start, ask whether the result is there, fetch it.
    package static let transactionsPerReading = 3

    private static let celsiusRange = -55.0...150.0

    /// 240 ms typical; a twelfth more, so that the first look mostly finds the result.
    private static let conversionTime = Duration.milliseconds(260)
    private static let pollingTime = Duration.milliseconds(20)
    /// With them a conversion may take 440 ms.
    private static let mostLooks = 10

    private enum Register {
        static let temperature: UInt8 = 0x00
        static let status: UInt8 = 0x02
        static let configuration: UInt8 = 0x03
        static let identity: UInt8 = 0x0B
    }

    /// Bits of the configuration register.
    ///
    /// ADT7410 Rev. A, table 11.
    private enum Configuration {
        static let wide: UInt8 = 0x80
        static let mode: UInt8 = 0x60
        static let oneShot: UInt8 = 0x20
        static let shutdown: UInt8 = 0x60
    }

    private let device: I2CDevice
    private let found: UInt8
    /// Whether the chip took the format of 16 bits; else three of them are flags.
    private let isWide: Bool
    /// How often the chip is still asked whether it is done; 0 while nothing was started.
    private var looks = 0

    /// Checks that the chip is an ADT7410, chooses the format of 16 bits and sends the chip to sleep.
    ///
    /// Throws `.wrongIdentity` for another chip.
    package init(_ device: I2CDevice, part: Part) throws(SensorError) {
        self.device = device
        guard !part.isTakenAsGiven else {
            (found, isWide) = (0, true)
            return
        }
        let identity = try Self.byte(Register.identity, of: device, "reading the id of an ADT7410")
        guard identity != 0xFF else {
            throw SensorError.onlyOnes(device)
        }
        // The low three bits are the revision.
        guard identity & 0xF8 == 0xC8 else {
            throw SensorError(
                .wrongIdentity,
                "the chip at \(device.location) is no ADT7410: its id reads 0x\(hex(identity)); check driver and address"
            )
        }
        found = try Self.byte(Register.configuration, of: device, "reading the configuration")
        do throws(SensorError) {
            try Self.configure(
                device, found | Configuration.wide | Configuration.shutdown, "putting it to sleep")
            let taken = try Self.byte(Register.configuration, of: device, "reading the configuration")
            isWide = taken & Configuration.wide != 0
        } catch {
            // The chip may have taken the setting even where the bus says that it failed.
            try? device.write([Register.configuration, found])
            throw error
        }
    }

    package mutating func startConversion() throws(SensorError) -> Duration {
        looks = 0
        let command = found & ~Configuration.mode | Configuration.wide | Configuration.oneShot
        try Self.configure(device, command, "starting a conversion")
        looks = Self.mostLooks
        return Self.conversionTime
    }

    package mutating func collect() throws(SensorError) -> Progress {
        guard looks > 0 else { throw SensorError.notStarted }
        let remaining = looks - 1
        looks = 0
        let status = try Self.byte(Register.status, of: device, "reading the status")
        guard status & 0x0F == 0 else {
            throw SensorError(.busError, "the status reads 0x\(hex(status)), with bits that are always 0")
        }
        guard status & 0x80 == 0 else {
            guard remaining > 0 else { throw SensorError(.notReady, "the conversion does not end") }
            looks = remaining
            return .wait(Self.pollingTime)
        }
        let word = try device.word(from: Register.temperature, while: "reading the temperature")
        // A chip that lost power since the start shows 0 °C until its first own conversion ends, in the shorter format.
        if word == 0, isWide {
            let now = try Self.byte(Register.configuration, of: device, "reading the configuration")
            guard now & Configuration.wide != 0 else {
                throw SensorError(.powerOnValue, "the chip was reset during the conversion")
            }
        }
        return .finished([try Self.measurement(from: word, isWide: isWide)])
    }

    package mutating func restore() {
        looks = 0
        // Nobody is left to tell: a chip that does not answer now cannot be put back.
        try? device.write([Register.configuration, found])
    }

    private static func byte(
        _ register: UInt8, of device: I2CDevice, _ detail: String
    ) throws(SensorError) -> UInt8 {
        try device.byte(from: register, while: "\(detail) at \(device.location)")
    }

    private static func configure(
        _ device: I2CDevice, _ byte: UInt8, _ detail: String
    ) throws(SensorError) {
        try device.send([Register.configuration, byte], while: detail)
    }

    /// The temperature of a result word.
    ///
    /// ADT7410 Rev. A, table 5 and equations.
    ///
    /// In the format of 13 bits the low three are flags. Throws `.outOfRange` outside −55…150 °C.
    static func measurement(from word: UInt16, isWide: Bool) throws(SensorError) -> Measurement {
        let bits = Int16(bitPattern: isWide ? word : word & ~0b111)
        let celsius = Double(bits) / 128
        return try .temperature(celsius, within: celsiusRange)
    }
}
