// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import Quantities

/// Sensirion SHT30, SHT31 and SHT35: temperature and humidity in one single-shot conversion of high repeatability.
///
/// Needs plain I²C transfers. The chip sleeps between readings and has no settings of its own, so there is nothing to put
/// back but the periodic mode: a chip that somebody left in it takes no single shot, so it is taken out of it, and stays out,
/// because it cannot be asked which rate it had. Whether the heater is on is asked when the sensor is opened, not at each
/// reading. Datasheet SHT3x-DIS, version 5 (May 2018).
package struct SHT3x: I2CSensorDriver {
    package static let name = "sht3x"
    /// ADDR at GND or VDD.
    package static let addresses: [UInt8] = [0x44, 0x45]
    /// Tables 1 and 2; the formulas reach from −45 to 130 °C.
    package static let ranges: [Quantity: ClosedRange<Double>] = [
        .temperature: celsiusRange, .relativeHumidity: 0...100,
    ]
    package static let isChecksummed = true
    /// Start by one write, fetch by one bare read.
    package static let transactionsPerReading = 2

    private static let celsiusRange = -40.0...125.0

    /// Table 9 and 10 and sections 4.8 and 4.11.
    private enum Command {
        /// High repeatability, no clock stretching.
        static let measure: [UInt8] = [0x24, 0x00]
        static let stopPeriodic: [UInt8] = [0x30, 0x93]
        static let readStatus: [UInt8] = [0xF3, 0x2D]
    }

    /// The longest conversion is 15.5 ms at a low supply voltage.
    private static let conversionTime = Duration.milliseconds(16)
    /// Until the chip takes commands after a break; section 4.8.
    private static let stopTime = Duration.milliseconds(1)
    /// Status, table 18.
    private static let heaterOn: UInt16 = 0x2000

    private enum Stage {
        case idle, stopping
        case converting(ResultPolling)
    }

    private let device: I2CDevice
    private var stage = Stage.idle

    /// Reads the status word, whose checksum is the evidence that the chip is an SHT3x.
    ///
    /// Throws `.sensorFault` where the heater is on: the readings would be those of a heated chip.
    package init(_ device: I2CDevice, part: Part) throws(SensorError) {
        self.device = device
        guard !part.isTakenAsGiven else { return }
        let status = try Self.status(of: device)
        guard status & Self.heaterOn == 0 else {
            throw SensorError.heaterIsOn(device)
        }
    }

    package mutating func startConversion() throws(SensorError) -> Duration {
        stage = .idle
        do throws(SensorError) {
            try measure()
            return Self.conversionTime
        } catch {
            // In periodic mode a chip takes no single shot; one that is absent does not acknowledge the stop either.
            guard error.cause?.kind == .noAcknowledge, (try? device.write(Command.stopPeriodic)) != nil else {
                throw error
            }
        }
        stage = .stopping
        return Self.stopTime
    }

    package mutating func collect() throws(SensorError) -> Progress {
        let found = stage
        stage = .idle
        switch found {
        case .idle: throw SensorError.notStarted
        case .stopping:
            try measure()
            return .wait(Self.conversionTime)
        case .converting(var polling):
            guard let bytes = try polling.read(6, from: device) else {
                stage = .converting(polling)
                return .wait(polling.interval)
            }
            return .finished(try Self.measurements(from: bytes))
        }
    }

    /// Nothing is left to put back: a single shot changes no setting.
    package mutating func restore() { stage = .idle }

    private mutating func measure() throws(SensorError) {
        try device.send(Command.measure, while: "starting a conversion")
        stage = .converting(ResultPolling(every: .milliseconds(2), polls: 8))
    }

    private static func status(of device: I2CDevice) throws(SensorError) -> UInt16 {
        let step = "reading the status of an SHT3x, which an SHT4x does not have"
        try device.send(Command.readStatus, while: step)
        let bytes = try device.receive(3, while: step)
        guard bytes != [0xFF, 0xFF, 0xFF] else {
            throw SensorError.onlyOnes(device)
        }
        do throws(SensorError) {
            return try SensirionWords.checked(bytes)[0]
        } catch {
            throw SensorError(
                error.kind, "the chip at \(device.location) gives no valid SHT3x status: \(error.detail)")
        }
    }

    /// Temperature and humidity of the six bytes of a result.
    ///
    /// Sections 4.4 (order), 4.12 (checksum) and 4.13 (formulas). Throws `.crcMismatch` where either word fails its checksum,
    /// so that a spoilt frame gives nothing, and `.outOfRange` outside −40…125 °C.
    static func measurements(from bytes: [UInt8]) throws(SensorError) -> [Measurement] {
        let words = try SensirionWords.checked(bytes)
        guard words.count == 2 else { throw SensorError(.shortRead, "a result has two words") }
        let celsius = -45 + 175 * Double(words[0]) / 65535
        return [
            try .temperature(celsius, within: celsiusRange),
            .limitedHumidity(100 * Double(words[1]) / 65535),
        ]
    }
}
