// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import Quantities

/// The driver of BME280 and BMP280: one forced conversion per reading, the least oversampling, filter off.
///
/// The chip sleeps between readings, so that it does not warm itself. BST-BME280-DS002, BST-BMP280-DS001.
///
/// One burst from the control registers to the last data register fetches a reading. What it brings first, status and mode,
/// proves that the conversion had ended before the data were sent: measuring returns to 0 only when the results have been
/// transferred to the data registers, and the mode returns to sleep only then. A conversion that ends during the burst shows
/// as running, so its data, which may be old ones held back by the shadowing, are not used. BST-BMP280-DS001, 3.10 and 4.3.3.
package struct BMx280<Variant: BMx280Variant>: I2CSensorDriver {
    package static var name: String { Variant.driverName }
    /// SDO at GND or V_DDIO.
    package static var addresses: [UInt8] { [0x76, 0x77] }
    package static var ranges: [Quantity: ClosedRange<Double>] { Variant.ranges }
    package static var isChecksummed: Bool { false }
    /// Start by one write; one read proves the end and fetches the result.
    package static var transactionsPerReading: Int { 2 }

    /// What the chip is set to, sleeping.
    ///
    /// The standby time in config (1 s) has no effect in forced mode. It is there because it is not the reset value: a chip
    /// that lost its power since, and may even be another one by now, shows it in the burst that is read anyway.
    private static var wanted: BMx280Settings {
        BMx280Settings(ctrlHum: Variant.measuresHumidity ? 0b001 : 0, ctrlMeas: 0b001_001_00, config: 0xA0)
    }
    /// How often, and at which intervals, a conversion is waited for that is not over after its longest time.
    ///
    /// Together about twice the longest time again, for a chip that had one more conversion to finish first.
    private static var mostWaits: Int { 10 }
    private static var waitInterval: Duration { .milliseconds(2) }

    private enum Step {
        case idle, goingToSleep
        case converting(waits: Int)
    }

    private let device: I2CDevice
    private let part: Part
    private let calibration: BMx280Calibration
    /// The settings of before the last set-up.
    private let found: BMx280Settings
    /// The settings of before the first set-up.
    private var original: BMx280Settings
    /// Whether the chip still works for somebody else: in normal mode, or finishing a conversion.
    private var isAwake: Bool
    private var hasLostSettings = false
    private var step = Step.idle

    /// Checks the id, loads the calibration and configures a chip that sleeps.
    ///
    /// A chip that is awake is configured by the first reading, which then takes one more wait: in normal mode it may ignore
    /// what is written. Throws `.wrongIdentity` for another chip, `.notReady` while the chip copies its trimming data after
    /// power-up, `.badCalibration` where they are blank or impossible.
    package init(_ device: I2CDevice, part: Part) throws(SensorError) {
        self.device = device
        self.part = part
        guard !part.isTakenAsGiven else {
            (found, original, isAwake) = (Self.wanted, Self.wanted, false)
            calibration = try Self.calibration(of: device)
            return
        }
        try BoschChipID.check(device, is: Variant.partName, driver: Variant.driverName)
        let registers = try Self.registers(of: device)
        guard !registers.isUpdating else {
            throw SensorError(.notReady, "the chip is copying its trimming data")
        }
        found = registers.settings
        original = found
        isAwake = found.isAwake
        calibration = try Self.calibration(of: device)
        guard !isAwake else { return }
        do throws(SensorError) {
            try configure()
        } catch {
            restore()
            throw error
        }
    }

    package mutating func startConversion() throws(SensorError) -> Duration {
        step = .idle
        if hasLostSettings { try setUpAgain() }
        guard isAwake else { return try convert() }
        let asleep = found.ctrlMeas & ~BMx280Settings.mode
        try device.send([BMx280Register.ctrlMeas, asleep], while: "sending the chip to sleep")
        step = .goingToSleep
        // The conversion under way is finished first.
        return found.longestConversion
    }

    package mutating func collect() throws(SensorError) -> Progress {
        let reached = step
        step = .idle
        switch reached {
        case .idle: throw SensorError.notStarted
        case .goingToSleep:
            try configure()
            isAwake = false
            return .wait(try convert())
        case .converting(let waits):
            let registers = try Self.registers(of: device)
            guard try hasEnded(registers) else {
                guard waits < Self.mostWaits else {
                    throw SensorError(.notReady, "the conversion did not end in time")
                }
                step = .converting(waits: waits + 1)
                return .wait(Self.waitInterval)
            }
            return .finished(try Self.measurements(from: registers, calibration))
        }
    }

    package mutating func restore() {
        step = .idle
        // A forced conversion that somebody else had started is over and is not started again.
        let isNormal = original.ctrlMeas & BMx280Settings.mode == BMx280Settings.normalMode
        let ctrlMeas = isNormal ? original.ctrlMeas : original.ctrlMeas & ~BMx280Settings.mode
        // Nobody is left to tell: a chip that does not answer now cannot be put back.
        try? write(original)
        try? device.write([BMx280Register.ctrlMeas, ctrlMeas])
    }
}

extension BMx280 {
    /// Starts a conversion; returns its longest time.
    private mutating func convert() throws(SensorError) -> Duration {
        try device.send(
            [BMx280Register.ctrlMeas, Self.wanted.ctrlMeas | BMx280Settings.forcedMode],
            while: "starting a conversion")
        step = .converting(waits: 0)
        return Self.wanted.longestConversion
    }

    /// Writes what stays from reading to reading; ctrl_hum takes effect with the next write of ctrl_meas.
    ///
    /// BST-BME280-DS002, 5.4.3.
    private func configure() throws(SensorError) {
        do throws(BusError) {
            try write(Self.wanted)
        } catch {
            throw SensorError(error, while: "configuring the \(Variant.partName)")
        }
    }

    private func write(_ settings: BMx280Settings) throws(BusError) {
        if Variant.measuresHumidity { try device.write([BMx280Register.ctrlHum, settings.ctrlHum]) }
        try device.write([BMx280Register.config, settings.config])
    }

    /// Begins anew with a chip that was reset, or exchanged; what was found at first is still what is put back.
    private mutating func setUpAgain() throws(SensorError) {
        let first = original
        self = try Self(device, part: part)
        original = first
    }

    /// Whether the conversion is over; throws where the chip is not set as it was.
    private mutating func hasEnded(_ registers: BMx280Registers) throws(SensorError) -> Bool {
        guard !registers.isDead else { throw SensorError.onlyOnes(device) }
        let settings = registers.settings
        guard !part.isTakenAsGiven else { return !registers.isMeasuring && !registers.isUpdating }
        guard settings.withoutMode == Self.wanted.withoutMode else {
            hasLostSettings = true
            guard settings.config != 0 else {
                throw SensorError(.powerOnValue, "the chip was reset since it was set up")
            }
            throw SensorError(
                .notMeasured, "the chip is not set as it was told: another program may be using it")
        }
        // Right after the start measuring may still read 0: the mode tells.
        return !registers.isMeasuring && !registers.isUpdating && !settings.isAwake
    }

    /// Settings, status and data in one burst.
    private static func registers(of device: I2CDevice) throws(SensorError) -> BMx280Registers {
        let (first, last) =
            Variant.measuresHumidity
            ? (BMx280Register.ctrlHum, BMx280Register.humidity + 1)
            : (BMx280Register.status, BMx280Register.temperature + 2)
        let step = "reading the \(Variant.partName)"
        return BMx280Registers(
            try device.block(Int(last - first) + 1, from: first, while: step), from: first)
    }

    private static func calibration(of device: I2CDevice) throws(SensorError) -> BMx280Calibration {
        let step = "reading the trimming data of the \(Variant.partName)"
        // The 26 bytes of a BME280 end with dig_H1.
        let words = try device.block(
            Variant.measuresHumidity ? 26 : 24, from: BMx280Register.calibration, while: step)
        var humidity: [UInt8]?
        if Variant.measuresHumidity {
            humidity = try device.block(7, from: BMx280Register.humidityCalibration, while: step)
        }
        return try BMx280Calibration(words, humidity: humidity)
    }
}
