// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import Quantities

/// Silicon Labs Si7021 and its family, TE HTU21D and Sensirion SHT20 and SHT21: temperature, then humidity.
///
/// Needs plain I²C transfers. Two conversions per reading, each with its checksum. A Si7021 measures the temperature in each
/// humidity conversion too and gives it to command E0, which would save one transaction and 11 ms; but E0 has no checksum and
/// the others do not know it. A temperature that may switch a heater is worth the transaction. No-hold commands only: not every
/// adapter bears a clock stretched for 85 ms. Si7021-A20 datasheet 1.1, HTU21D(F) datasheet HPC199, SHT21 datasheet 4.
package struct Si7021: I2CSensorDriver {
    package static let name = "si7021"
    /// The second one only for the Si7013 with AD0 high.
    package static let addresses: [UInt8] = [0x40, 0x41]
    /// The temperature formula reaches from −46.85 to 128.86 °C.
    package static let ranges: [Quantity: ClosedRange<Double>] = [
        .temperature: celsiusRange, .relativeHumidity: 0...100,
    ]
    package static let isChecksummed = true
    /// Start and fetch, for both quantities.
    package static let transactionsPerReading = 4

    private static let celsiusRange = -40.0...125.0

    /// Si7021-A20 datasheet, table 11.
    private enum Command {
        static let measureTemperature: [UInt8] = [0xF3]
        static let measureHumidity: [UInt8] = [0xF5]
        static let readUserRegister: [UInt8] = [0xE7]
        static let writeUserRegister: UInt8 = 0xE6
        /// The half of the electronic id that begins with the part's number.
        static let readIdentity: [UInt8] = [0xFC, 0xC9]
    }

    /// Bits of user register 1; Si7021-A20 datasheet 6.1.
    private enum UserRegister {
        /// RES1 and RES0, both 0 for 12 bits of humidity and 14 of temperature.
        static let resolution: UInt8 = 0x81
        static let heater: UInt8 = 0x04
    }

    /// What differs between the parts.
    private struct Variant {
        /// The longest conversions at full resolution.
        let temperatureTime, humidityTime: Duration
        /// Whether the electronic id tells the part.
        var hasIdentity = false

        init(_ name: String) {
            switch name {
            case "htu21d": (temperatureTime, humidityTime) = (.milliseconds(50), .milliseconds(16))
            case "sht20", "sht21": (temperatureTime, humidityTime) = (.milliseconds(85), .milliseconds(29))
            default:
                // 10.8 ms, and 12 ms more for the humidity, in which the temperature is converted too.
                (temperatureTime, humidityTime) = (.milliseconds(11), .milliseconds(23))
                hasIdentity = true
            }
        }
    }

    private let device: I2CDevice
    private let variant: Variant
    private let quantities: [Quantity]
    /// The user register as found, where it was changed.
    private var found: UInt8?
    /// The conversion under way, and what came before it; `nil` while there is none.
    private var polling: ResultPolling?
    private var measured: [Measurement] = []

    /// Checks the electronic id where the part has one that tells, and sets the full resolution.
    ///
    /// An HTU21D or SHT2x has none: its checksums are the evidence that exists. Throws `.wrongIdentity` where a Si70xx is
    /// another one, `.sensorFault` where the heater is on: the readings would be those of a heated chip.
    package init(_ device: I2CDevice, part: Part) throws(SensorError) {
        self.device = device
        variant = Variant(part.name)
        quantities = [.temperature, .relativeHumidity].filter { part.only == nil || part.only == $0 }
        guard !quantities.isEmpty else {
            throw SensorError(.notMeasured, "a \(part.name) measures temperature and humidity only")
        }
        guard !part.isTakenAsGiven else { return }
        let user = try device.receive(
            1, after: Command.readUserRegister, while: "reading the user register of a \(part.name)")[0]
        guard user != 0xFF else {
            throw SensorError.onlyOnes(device)
        }
        if variant.hasIdentity { try Self.checkIdentity(of: device, named: part.name) }
        guard user & UserRegister.heater == 0 else {
            throw SensorError.heaterIsOn(device)
        }
        if user & UserRegister.resolution != 0 {
            let full = user & ~UserRegister.resolution
            try device.change(
                [Command.writeUserRegister, user], to: [Command.writeUserRegister, full],
                while: "setting the full resolution")
            found = user
        }
    }

    package mutating func startConversion() throws(SensorError) -> Duration {
        (polling, measured) = (nil, [])
        return try convert(quantities[0])
    }

    package mutating func collect() throws(SensorError) -> Progress {
        guard var polling else { throw SensorError.notStarted }
        self.polling = nil
        guard let bytes = try polling.read(3, from: device) else {
            self.polling = polling
            return .wait(polling.interval)
        }
        measured.append(try Self.measurement(of: quantities[measured.count], from: bytes))
        guard measured.count < quantities.count else { return .finished(measured) }
        return .wait(try convert(quantities[measured.count]))
    }

    package mutating func restore() {
        (polling, measured) = (nil, [])
        // Nobody is left to tell: a chip that does not answer now cannot be put back.
        if let found { try? device.write([Command.writeUserRegister, found]) }
    }

    private mutating func convert(_ quantity: Quantity) throws(SensorError) -> Duration {
        let isTemperature = quantity == .temperature
        try device.send(
            isTemperature ? Command.measureTemperature : Command.measureHumidity,
            while: "starting the \(isTemperature ? "temperature" : "humidity") conversion")
        let longest = isTemperature ? variant.temperatureTime : variant.humidityTime
        // Up to twice the longest time, for a part that is slower than its name says.
        polling = ResultPolling(every: .milliseconds(5), polls: Int(longest / .milliseconds(5)) + 1)
        return longest
    }

    /// Checks SNB_3, the part's number: 0x0D, 0x14 and 0x15 for Si7013, 20 and 21, 0x00 and 0xFF for engineering samples.
    ///
    /// Si7021-A20 datasheet 5.4.
    private static func checkIdentity(of device: I2CDevice, named name: String) throws(SensorError) {
        let bytes = try device.receive(
            3, after: Command.readIdentity,
            while: "reading the electronic id of a \(name), which only a Silicon Labs part has")
        // All zeros pass the checksum.
        guard bytes != [0, 0, 0] else {
            throw SensorError.onlyZeros(device)
        }
        guard CRC8.si(bytes[..<2]) == bytes[2] else {
            throw SensorError(
                .crcMismatch, "the electronic id of the chip at \(device.location) fails its checksum")
        }
        guard [0x0D, 0x14, 0x15, 0x00, 0xFF].contains(bytes[0]) else {
            throw SensorError(
                .wrongIdentity,
                """
                the chip at \(device.location) is no Silicon Labs part: its id begins with 0x\(hex(bytes[0])). If it is an \
                HTU21D, SHT20 or SHT21, say so as its driver
                """)
        }
    }

    /// The quantity of a result of three bytes.
    ///
    /// Si7021-A20 datasheet 5.1: the checksum covers the two status bits too, the formulas do not. Throws `.busError` for an
    /// all-zero result, which passes the checksum, `.crcMismatch`, and `.outOfRange` outside −40…125 °C. The humidity formula
    /// reaches from −6 to 119 % and is limited to 0…100 %.
    static func measurement(of quantity: Quantity, from bytes: [UInt8]) throws(SensorError) -> Measurement {
        guard bytes.count == 3 else { throw SensorError(.shortRead, "a result has three bytes") }
        guard bytes != [0, 0, 0] else {
            throw SensorError(.busError, "all bits read 0: a line of the bus is held low")
        }
        let crc = CRC8.si(bytes[..<2])
        let word = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        guard crc == bytes[2] else {
            throw SensorError(
                .crcMismatch, "0x\(hex(word)) came with the checksum 0x\(hex(bytes[2])), not 0x\(hex(crc))")
        }
        let fraction = Double(word & ~0b11) / 65536
        guard quantity == .temperature else { return .limitedHumidity(-6 + 125 * fraction) }
        return try .temperature(-46.85 + 175.72 * fraction, within: celsiusRange)
    }
}
