// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import Quantities

/// Aosong AHT20, AHT21 and DHT20: temperature and humidity in one conversion.
///
/// Needs plain I²C transfers. The chip warms itself: sample it every 2 s or more slowly. An AHT10 has no checksum and is
/// refused. The status is always the first byte of a bare read; command 0x71 would give it too, but some parts never finish
/// while it is sent to them. Datasheets AHT20 A1 (April 2020) 5.3 and 5.4, DHT20 1.0 (May 2021) 7.3 and 7.4.
package struct AHT20: I2CSensorDriver {
    package static let name = "aht20"
    package static let addresses: [UInt8] = [0x38]
    /// The temperature formula reaches from −50 to 150 °C.
    package static let ranges: [Quantity: ClosedRange<Double>] = [
        .temperature: celsiusRange, .relativeHumidity: 0...100,
    ]
    package static let isChecksummed = true
    /// Start by one write, fetch by one bare read that begins with the status.
    package static let transactionsPerReading = 2

    private static let celsiusRange = -40.0...85.0

    private enum Command {
        static let initialise: [UInt8] = [0xBE, 0x08, 0x00]
        static let measure: [UInt8] = [0xAC, 0x33, 0x00]
        static let reset: [UInt8] = [0xBA]
    }

    private enum Status {
        static let busy: UInt8 = 0x80
        /// Bit 3: the calibration is loaded.
        static let calibrated: UInt8 = 0x08
        /// Both read 1 in a part that needs no initialisation.
        static let healthy: UInt8 = 0x18
    }

    private static let conversionTime = Duration.milliseconds(80)
    private static let initialisationTime = Duration.milliseconds(10)
    private static let resetTime = Duration.milliseconds(20)
    private static let pollInterval = Duration.milliseconds(10)
    private static let mostPolls = 10

    private enum Stage {
        case idle
        /// The initialisation was sent; a chip that is still not calibrated may be reset once.
        case initialising(mayReset: Bool)
        case resetting
        case converting(polls: Int)
    }

    private let device: I2CDevice
    private var stage = Stage.idle
    private var needsInitialisation = false

    /// Reads the status, which is all the evidence that there is: the chip has no id.
    ///
    /// A chip that is not calibrated is initialised when the first conversion is started, because that takes time.
    package init(_ device: I2CDevice, part: Part) throws(SensorError) {
        self.device = device
        guard !part.isTakenAsGiven else { return }
        let status = try Self.status(of: device)
        guard status != 0xFF else {
            throw SensorError.onlyOnes(device)
        }
        needsInitialisation = status & Status.healthy != Status.healthy
    }

    package mutating func startConversion() throws(SensorError) -> Duration {
        stage = .idle
        guard needsInitialisation else { return try measure() }
        return try initialise(mayReset: true)
    }

    package mutating func collect() throws(SensorError) -> Progress {
        let found = stage
        stage = .idle
        switch found {
        case .idle: throw SensorError.notStarted
        case .initialising(let mayReset): return .wait(try afterInitialisation(mayReset: mayReset))
        case .resetting: return .wait(try initialise(mayReset: false))
        case .converting(let polls):
            let bytes = try device.receive(7, while: "reading the result")
            guard bytes[0] & Status.busy == 0 else {
                guard polls > 0 else { throw SensorError(.notReady, "the chip stays busy") }
                stage = .converting(polls: polls - 1)
                return .wait(Self.pollInterval)
            }
            do throws(SensorError) {
                return .finished(try Self.measurements(from: bytes))
            } catch {
                if error.kind == .notCalibrated { needsInitialisation = true }
                throw error
            }
        }
    }

    /// Nothing is left to put back: a calibration once loaded cannot be unloaded, and is what any other driver needs too.
    package mutating func restore() { stage = .idle }

    private mutating func measure() throws(SensorError) -> Duration {
        try device.send(Command.measure, while: "starting a conversion")
        stage = .converting(polls: Self.mostPolls)
        return Self.conversionTime
    }

    private mutating func initialise(mayReset: Bool) throws(SensorError) -> Duration {
        try device.send(Command.initialise, while: "initialising the chip")
        stage = .initialising(mayReset: mayReset)
        return Self.initialisationTime
    }

    private mutating func afterInitialisation(mayReset: Bool) throws(SensorError) -> Duration {
        let status = try Self.status(of: device)
        if status & Status.calibrated != 0, status & Status.busy == 0 {
            needsInitialisation = false
            return try measure()
        }
        guard mayReset else {
            throw SensorError(
                .notCalibrated,
                "the chip at \(device.location) stays without calibration: its status is 0x\(hex(status))")
        }
        try device.send(Command.reset, while: "resetting the chip")
        stage = .resetting
        return Self.resetTime
    }

    private static func status(of device: I2CDevice) throws(SensorError) -> UInt8 {
        try device.receive(1, while: "reading the status of an AHT20")[0]
    }

    /// Temperature and humidity of the seven bytes of a result.
    ///
    /// Status, 20 bits of humidity, 20 bits of temperature, checksum over the six bytes before; DHT20 datasheet 7.4 and 8.
    /// Throws `.notReady` where the status says busy, because then the bytes are old or partial, `.crcMismatch`,
    /// `.notCalibrated`, and `.outOfRange` outside −40…85 °C.
    static func measurements(from bytes: [UInt8]) throws(SensorError) -> [Measurement] {
        guard bytes.count == 7 else { throw SensorError(.shortRead, "a result has seven bytes") }
        guard bytes[0] & Status.busy == 0 else { throw SensorError(.notReady, "the chip is busy") }
        let crc = CRC8.sensirion(bytes[..<6])
        guard crc == bytes[6] else {
            throw SensorError(
                .crcMismatch, "the result came with the checksum 0x\(hex(bytes[6])), not 0x\(hex(crc))")
        }
        guard bytes[0] & Status.calibrated != 0 else {
            throw SensorError(
                .notCalibrated, "the chip has lost its calibration and will be initialised anew")
        }
        let humidity = UInt32(bytes[1]) << 12 | UInt32(bytes[2]) << 4 | UInt32(bytes[3]) >> 4
        let temperature = UInt32(bytes[3] & 0x0F) << 16 | UInt32(bytes[4]) << 8 | UInt32(bytes[5])
        return [
            try .temperature(200 * Double(temperature) / 1_048_576 - 50, within: celsiusRange),
            .limitedHumidity(100 * Double(humidity) / 1_048_576),
        ]
    }
}
