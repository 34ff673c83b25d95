// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import Quantities

/// TI HDC1080: temperature and humidity in one acquisition, 14 bits each.
///
/// Needs plain I²C transfers: the result is a bare read, since writing the pointer starts a new conversion. There are no
/// checksums. Whether the heater is on is asked when the sensor is opened, not at each reading. TI SNAS672A.
package struct HDC1080: I2CSensorDriver {
    package static let name = "hdc1080"
    package static let addresses: [UInt8] = [0x40]
    /// The temperature formula reaches from −40 to 125 °C.
    package static let ranges: [Quantity: ClosedRange<Double>] = [
        .temperature: celsiusRange, .relativeHumidity: 0...100,
    ]
    package static let isChecksummed = false
    /// Start by one write of the pointer, fetch by one bare read.
    package static let transactionsPerReading = 2

    private static let celsiusRange = -40.0...125.0

    /// SNAS672A, table 1.
    private enum Register {
        static let temperature: UInt8 = 0x00
        static let configuration: UInt8 = 0x02
        static let manufacturer: UInt8 = 0xFE
        static let device: UInt8 = 0xFF
    }

    /// Bits of the configuration register; SNAS672A, 8.6.3.
    private enum Configuration {
        static let heater: UInt16 = 0x2000
        /// MODE, TRES and HRES: what is acquired and how finely.
        static let acquisition: UInt16 = 0x1700
        /// MODE alone: both quantities, 14 bits each.
        static let bothFinest: UInt16 = 0x1000
        /// RST and BTST are no settings.
        static let settings: UInt16 = 0x7700
    }

    /// 6.35 and 6.5 ms; SNAS672A, 7.5.
    private static let conversionTime = Duration.milliseconds(15)

    private let device: I2CDevice
    /// The configuration as found, where it was changed.
    private var found: UInt16?
    private var polling: ResultPolling?

    /// Checks both id registers and has the chip acquire both quantities at full resolution.
    ///
    /// The device id is read first: a Si7021, which may have the same address, takes a read of the manufacturer id for a reset.
    /// Throws `.wrongIdentity`, and `.sensorFault` where the heater is on: the readings would be those of a heated chip.
    package init(_ device: I2CDevice, part: Part) throws(SensorError) {
        self.device = device
        guard !part.isTakenAsGiven else { return }
        try Self.expect(0x1050, in: Register.device, of: device)
        try Self.expect(0x5449, in: Register.manufacturer, of: device)
        let word = try device.word(from: Register.configuration, while: "reading the configuration")
        guard word & Configuration.heater == 0 else {
            throw SensorError.heaterIsOn(device)
        }
        let settings = word & Configuration.settings
        let wanted = settings & ~Configuration.acquisition | Configuration.bothFinest
        if settings != wanted {
            try device.change(
                Self.setting(settings), to: Self.setting(wanted), while: "writing the configuration")
            found = settings
        }
    }

    package mutating func startConversion() throws(SensorError) -> Duration {
        polling = nil
        try device.send([Register.temperature], while: "starting a conversion")
        polling = ResultPolling(every: .milliseconds(2), polls: 8)
        return Self.conversionTime
    }

    package mutating func collect() throws(SensorError) -> Progress {
        guard var polling else { throw SensorError.notStarted }
        self.polling = nil
        guard let bytes = try polling.read(4, from: device) else {
            self.polling = polling
            return .wait(polling.interval)
        }
        return .finished(try Self.measurements(from: bytes))
    }

    package mutating func restore() {
        polling = nil
        // Nobody is left to tell: a chip that does not answer now cannot be put back.
        if let found { try? device.write(Self.setting(found)) }
    }

    /// The bytes that write the configuration.
    private static func setting(_ word: UInt16) -> [UInt8] {
        [Register.configuration, UInt8(word >> 8), UInt8(word & 0xFF)]
    }

    private static func expect(
        _ id: UInt16, in register: UInt8, of device: I2CDevice
    ) throws(SensorError) {
        let found = try device.word(from: register, while: "reading an id of an HDC1080")
        guard found != 0xFFFF else {
            throw SensorError.onlyOnes(device)
        }
        guard found == id else {
            throw SensorError(
                .wrongIdentity,
                """
                the chip at \(device.location) is no HDC1080, register 0x\(hex(register)) reads 0x\(hex(found)): check \
                driver and address
                """)
        }
    }

    /// Temperature and humidity of the four bytes of a result.
    ///
    /// SNAS672A, 8.6.1 and 8.6.2. Throws `.notReady` where all bits are 0, the registers' reset value: a chip that lost its
    /// power since the start; `.busError` where one of the bits is set that always read 0. The lowest code alone is
    /// −40 °C or less, so it is suspect.
    static func measurements(from bytes: [UInt8]) throws(SensorError) -> [Measurement] {
        guard bytes.count == 4 else { throw SensorError(.shortRead, "a result has four bytes") }
        let temperature = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        let humidity = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
        guard temperature != 0 || humidity != 0 else {
            throw SensorError(.notReady, "the chip was reset during the conversion: its result is all zero")
        }
        guard (temperature | humidity) & 0b11 == 0 else {
            throw SensorError(
                .busError,
                "the result reads 0x\(hex(temperature)) 0x\(hex(humidity)), with bits that are always 0")
        }
        var measurement = try Measurement.temperature(
            165 * Double(temperature) / 65536 - 40, within: celsiusRange)
        if temperature == 0 {
            measurement.quality = .suspect(.saturated)
            measurement.flags = [.saturated]
        }
        return [measurement, .limitedHumidity(100 * Double(humidity) / 65536)]
    }
}
