// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import Quantities

/// TI HDC2080 and HDC2010, which cannot be told apart: temperature and humidity in one triggered measurement.
///
/// SMBus calls suffice. Multi-byte registers have their low byte first. There are no checksums. What the temperature formula
/// subtracts is a matter of the part and of its datasheet's revision: 40 for an HDC2010, 40.5 for an HDC2080, for which TI
/// also gives 40.5 + 0.08·(supply voltage − 1.8 V), that is 40.62 at 3.3 V. Whether the heater is on is asked when the sensor
/// is opened, not at each reading. TI SNAS678, SNAS693, SNAU250.
package struct HDC2080: I2CSensorDriver {
    package static let name = "hdc2080"
    /// ADDR at GND or VDD.
    package static let addresses: [UInt8] = [0x40, 0x41]
    /// The temperature formula reaches from −40.5 to 125 °C.
    package static let ranges: [Quantity: ClosedRange<Double>] = [
        .temperature: celsiusRange, .relativeHumidity: 0...100,
    ]
    package static let isChecksummed = false
    /// Trigger, status, result: a result read together with its status might be the one before it.
    package static let transactionsPerReading = 3

    private static let celsiusRange = -40.0...125.0
    private static let identity: [UInt8] = [0x49, 0x54, 0xD0, 0x07]

    /// SNAU250, table 5-1.
    private enum Register {
        static let temperature: UInt8 = 0x00
        static let status: UInt8 = 0x04
        /// Reset, automatic rate, heater, interrupt pin; measurement configuration follows.
        static let configuration: UInt8 = 0x0E
        static let measurement: UInt8 = 0x0F
        static let identity: UInt8 = 0xFC
    }

    private enum Bits {
        /// Of the status.
        static let dataReady: UInt8 = 0x80
        /// Of the configuration.
        static let rate: UInt8 = 0x70
        static let heater: UInt8 = 0x08
        /// Of the measurement configuration: both quantities, 14 bits each, now.
        static let trigger: UInt8 = 0x01
    }

    /// 0.61 and 0.66 ms; SNAS678, electrical characteristics.
    private static let conversionTime = Duration.milliseconds(2)
    private static let pollInterval = Duration.milliseconds(1)
    private static let mostPolls = 5

    private let device: I2CDevice
    private let offset: Double
    /// Configuration and measurement configuration as found; `nil` for a chip taken as given.
    private var found: (configuration: UInt8, measurement: UInt8)?
    /// How often the chip may still be found busy; `nil` while no conversion is under way.
    private var polls: Int?
    /// Whether the status may still say that an earlier conversion is done.
    private var isStatusStale = false

    /// Checks the id and stops automatic measurements.
    ///
    /// Throws `.wrongIdentity`, and `.sensorFault` where the heater is on: the readings would be those of a heated chip.
    package init(_ device: I2CDevice, part: Part) throws(SensorError) {
        self.device = device
        offset = part.temperatureOffset ?? (part.name == "hdc2010" ? 40 : 40.5)
        guard !part.isTakenAsGiven else { return }
        let id = try device.block(4, from: Register.identity, while: "reading the id of an HDC2080")
        guard id != [0xFF, 0xFF, 0xFF, 0xFF] else {
            throw SensorError.onlyOnes(device)
        }
        guard id == Self.identity else {
            let text = id.map { hex($0) }.joined(separator: " ")
            throw SensorError(
                .wrongIdentity,
                """
                the chip at \(device.location) is no HDC2080 or HDC2010, its id is \(text): check driver and address
                """)
        }
        let settings = try device.block(
            2, from: Register.configuration, while: "reading the configuration")
        guard settings[0] & Bits.heater == 0 else {
            throw SensorError.heaterIsOn(device)
        }
        // Reading the status clears it.
        _ = try Self.status(of: device)
        if settings[0] & Bits.rate != 0 {
            isStatusStale = true
            try device.change(
                [Register.configuration, settings[0]],
                to: [Register.configuration, settings[0] & ~Bits.rate],
                while: "stopping automatic measurements")
        }
        found = (settings[0], settings[1])
    }

    package mutating func startConversion() throws(SensorError) -> Duration {
        polls = nil
        // The conversion before, if nobody asked for its end, has ended by now.
        if isStatusStale { _ = try Self.status(of: device) }
        isStatusStale = true
        try device.send([Register.measurement, Bits.trigger], while: "starting a conversion")
        polls = Self.mostPolls
        return Self.conversionTime
    }

    package mutating func collect() throws(SensorError) -> Progress {
        guard let polls else { throw SensorError.notStarted }
        self.polls = nil
        guard try Self.status(of: device) & Bits.dataReady != 0 else {
            guard polls > 0 else {
                throw SensorError(
                    .notReady, "the chip has no result long after the conversion should have ended")
            }
            self.polls = polls - 1
            return .wait(Self.pollInterval)
        }
        isStatusStale = false
        let bytes = try device.block(4, from: Register.temperature, while: "reading the result")
        return .finished(try Self.measurements(from: bytes, offset: offset))
    }

    package mutating func restore() {
        polls = nil
        guard let found else { return }
        // Nobody is left to tell: a chip that does not answer now cannot be put back.
        if found.configuration & Bits.rate != 0 {
            try? device.write([Register.configuration, found.configuration])
            // Automatic measurements begin with a trigger.
            try? device.write([Register.measurement, found.measurement | Bits.trigger])
        } else if found.measurement & ~Bits.trigger != 0 {
            try? device.write([Register.measurement, found.measurement & ~Bits.trigger])
        }
    }

    private static func status(of device: I2CDevice) throws(SensorError) -> UInt8 {
        try device.byte(from: Register.status, while: "reading the status")
    }

    /// Temperature and humidity of the four bytes of a result, with what the temperature formula subtracts.
    ///
    /// SNAU250, 5.1 to 5.4; the low two bits of both words are noise. Throws `.busError` where all bits are 1, `.notReady` where
    /// all are 0, the registers' reset value, and `.outOfRange` outside −40…125 °C. The lowest code alone is the end
    /// of the format, so it is suspect.
    static func measurements(from bytes: [UInt8], offset: Double) throws(SensorError) -> [Measurement] {
        guard bytes.count == 4 else { throw SensorError(.shortRead, "a result has four bytes") }
        let temperature = (UInt16(bytes[1]) << 8 | UInt16(bytes[0])) & ~0b11
        let humidity = (UInt16(bytes[3]) << 8 | UInt16(bytes[2])) & ~0b11
        guard bytes != [0xFF, 0xFF, 0xFF, 0xFF] else {
            throw SensorError(.busError, "all bits of the result read 1: nothing drives the bus")
        }
        guard temperature != 0 || humidity != 0 else {
            throw SensorError(.notReady, "the result is all zero, as before the first conversion")
        }
        var measurement = try Measurement.temperature(
            165 * Double(temperature) / 65536 - offset, within: celsiusRange)
        if temperature == 0 {
            measurement.quality = .suspect(.saturated)
            measurement.flags = [.saturated]
        }
        return [measurement, .limitedHumidity(100 * Double(humidity) / 65536)]
    }
}
