// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import Quantities

/// Sensirion SHT40, SHT41 and SHT45: temperature and humidity in one conversion of high precision.
///
/// Needs plain I²C transfers. The chip sleeps between readings and has no settings. A heater pulse that another program sent
/// just before shows in the readings; the chip cannot be asked about it. Datasheet SHT4x, 4.5 (commands), 4.6 (formulas).
package struct SHT4x: I2CSensorDriver {
    package static let name = "sht4x"
    /// Fixed by the part number: -AD1B, -BD1B, -CD1B.
    package static let addresses: [UInt8] = [0x44, 0x45, 0x46]
    /// The formulas reach from −45 to 130 °C.
    package static let ranges: [Quantity: ClosedRange<Double>] = [
        .temperature: celsiusRange, .relativeHumidity: 0...100,
    ]
    package static let isChecksummed = true
    /// Start by one write, fetch by one bare read.
    package static let transactionsPerReading = 2

    private static let celsiusRange = -40.0...125.0

    private enum Command {
        /// High precision.
        static let measure: [UInt8] = [0xFD]
        static let readSerial: [UInt8] = [0x89]
    }

    /// The longest conversion is 8.3 ms.
    private static let conversionTime = Duration.milliseconds(10)

    private let device: I2CDevice
    private var polling: ResultPolling?

    /// Reads the serial number, whose two checksums are the evidence that the chip is an SHT4x.
    package init(_ device: I2CDevice, part: Part) throws(SensorError) {
        self.device = device
        guard !part.isTakenAsGiven else { return }
        let bytes = try Self.serial(of: device)
        guard bytes != [UInt8](repeating: 0xFF, count: 6) else {
            throw SensorError.onlyOnes(device)
        }
        do throws(SensorError) {
            _ = try SensirionWords.checked(bytes)
        } catch {
            throw SensorError(
                error.kind,
                "the chip at \(device.location) gives no valid SHT4x serial number: \(error.detail)")
        }
    }

    package mutating func startConversion() throws(SensorError) -> Duration {
        polling = nil
        try device.send(Command.measure, while: "starting a conversion")
        polling = ResultPolling(every: .milliseconds(2), polls: 5)
        return Self.conversionTime
    }

    package mutating func collect() throws(SensorError) -> Progress {
        guard var polling else { throw SensorError.notStarted }
        self.polling = nil
        guard let bytes = try polling.read(6, from: device) else {
            self.polling = polling
            return .wait(polling.interval)
        }
        return .finished(try Self.measurements(from: bytes))
    }

    /// Nothing is left to put back: the chip has no settings.
    package mutating func restore() { polling = nil }

    private static func serial(of device: I2CDevice) throws(SensorError) -> [UInt8] {
        let step = "reading the serial number of an SHT4x, which an SHT3x does not have"
        try device.send(Command.readSerial, while: step)
        // The chip needs up to 1 ms for the answer and does not acknowledge before. A try takes 0.03 ms or more on the wire.
        for _ in 0..<40 {
            do throws(SensorError) {
                return try device.receive(6, while: step)
            } catch {
                guard error.cause?.kind == .noAcknowledge else { throw error }
            }
        }
        return try device.receive(6, while: step)
    }

    /// Temperature and humidity of the six bytes of a result.
    ///
    /// Throws `.crcMismatch` where either word fails its checksum, so that a spoilt frame gives nothing, and `.outOfRange`
    /// outside −40…125 °C. The humidity formula reaches from −6 to 119 % and is limited to 0…100 %.
    static func measurements(from bytes: [UInt8]) throws(SensorError) -> [Measurement] {
        let words = try SensirionWords.checked(bytes)
        guard words.count == 2 else { throw SensorError(.shortRead, "a result has two words") }
        let celsius = -45 + 175 * Double(words[0]) / 65535
        return [
            try .temperature(celsius, within: celsiusRange),
            .limitedHumidity(-6 + 125 * Double(words[1]) / 65535),
        ]
    }
}
