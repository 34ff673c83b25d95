// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import Quantities

/// Bosch BMP180 and its predecessor BMP085: temperature, then pressure, one conversion after the other.
///
/// BST-BMP180-DS000, BST-BMP085-DS000. Nothing of the chip lasts longer than a conversion, so there is nothing to put back.
///
/// Each result comes in one burst from the control register on: its conversion-running bit, sent first, proves that the
/// conversion had ended before the result was sent, and its command that the result, whose registers both conversions share,
/// belongs to the right one.
package struct BMP180: I2CSensorDriver {
    package static let name = "bmp180"
    package static let addresses: [UInt8] = [0x77]
    /// BST-BMP180-DS000, table 1.
    package static let ranges: [Quantity: ClosedRange<Double>] = [
        .temperature: -40...85, .pressure: 30_000...110_000,
    ]
    package static let isChecksummed = false
    /// Two conversions, each with one write that starts it and one read that fetches it.
    package static let transactionsPerReading = 4

    private enum Register {
        static let calibration: UInt8 = 0xAA
        static let control: UInt8 = 0xF4
    }

    /// Values of the control register.
    ///
    /// BST-BMP180-DS000, 4.3 and table 8.
    private enum Control {
        static let temperature: UInt8 = 0x2E
        static let pressure: UInt8 = 0x34
        /// SCO: 1 from the command until the result is there.
        static let isConverting: UInt8 = 0x20
    }

    /// How often, and at which intervals, a conversion is waited for that is not over after its longest time.
    private static let mostWaits = 10
    private static let waitInterval = Duration.milliseconds(2)

    private enum Step {
        case idle
        case temperature(waits: Int)
        case pressure(b5: Double, waits: Int)
    }

    private let device: I2CDevice
    private let calibration: BMP180Calibration
    /// oversampling_setting (oss), 0…3.
    private let oversampling: Int
    private let isTakenAsGiven: Bool
    private var step = Step.idle

    /// Checks the id and loads the calibration.
    ///
    /// Without another wish one sample is taken per pressure, which warms the chip least. Throws `.wrongIdentity` for another
    /// chip, `.badCalibration` where a word of the calibration is blank.
    package init(_ device: I2CDevice, part: Part) throws(SensorError) {
        self.device = device
        oversampling = min(max(part.oversampling ?? 0, 0), 3)
        isTakenAsGiven = part.isTakenAsGiven
        if !isTakenAsGiven { try BoschChipID.check(device, is: "BMP180", driver: Self.name) }
        calibration = try BMP180Calibration(
            try device.block(22, from: Register.calibration, while: "reading the calibration of the BMP180"))
    }

    package mutating func startConversion() throws(SensorError) -> Duration {
        step = .idle
        try command(Control.temperature)
        step = .temperature(waits: 0)
        return .microseconds(4500)
    }

    package mutating func collect() throws(SensorError) -> Progress {
        let reached = step
        step = .idle
        switch reached {
        case .idle: throw SensorError.notStarted
        case .temperature(let waits):
            guard let result = try result(of: Control.temperature, bytes: 2) else {
                return try wait(waits, .temperature(waits: waits + 1))
            }
            let b5 = try checkedB5(ut: UInt16(truncatingIfNeeded: result))
            try command(pressureCommand)
            step = .pressure(b5: b5, waits: 0)
            return .wait(longestPressureConversion)
        case .pressure(let b5, let waits):
            guard let result = try result(of: pressureCommand, bytes: 3) else {
                return try wait(waits, .pressure(b5: b5, waits: waits + 1))
            }
            return .finished(measurements(b5: b5, up: result >> UInt32(8 - oversampling)))
        }
    }

    package mutating func restore() { step = .idle }
}

extension BMP180 {
    private var pressureCommand: UInt8 { Control.pressure | UInt8(oversampling) << 6 }

    /// BST-BMP180-DS000, table 8.
    private var longestPressureConversion: Duration {
        .microseconds([4500, 7500, 13500, 25500][oversampling])
    }

    private func command(_ command: UInt8) throws(SensorError) {
        try device.send([Register.control, command], while: "starting a conversion")
    }

    private mutating func wait(_ waits: Int, _ next: Step) throws(SensorError) -> Progress {
        guard waits < Self.mostWaits else {
            throw SensorError(.notReady, "the conversion did not end in time")
        }
        step = next
        return .wait(Self.waitInterval)
    }

    /// The `count` bytes of the result that `command` asked for, or `nil` while the conversion runs.
    private func result(of command: UInt8, bytes count: Int) throws(SensorError) -> UInt32? {
        // Between the control register, 0xF4, and the result from 0xF6 on one register is reserved.
        let bytes = try device.block(2 + count, from: Register.control, while: "reading the result")
        guard !bytes.allSatisfy({ $0 == 0xFF }) else { throw SensorError.onlyOnes(device) }
        let control = bytes[0]
        guard control & Control.isConverting == 0 else { return nil }
        let result = bytes[2...].reduce(0) { $0 << 8 | UInt32($1) }
        if !isTakenAsGiven { try check(control, result, command, resetValue: 0x80 << UInt32(8 * count - 8)) }
        return result
    }

    /// Throws where the chip was reset, or obeyed another command meanwhile.
    ///
    /// The reset value of the result is a legal code. It is refused only beside a control register that was reset, too.
    private func check(
        _ control: UInt8, _ result: UInt32, _ command: UInt8, resetValue: UInt32
    ) throws(SensorError) {
        guard control != command & ~Control.isConverting else { return }
        // Whether every part keeps the command after the conversion is not documented: 0 alone proves nothing.
        guard control == 0 else {
            throw SensorError(
                .notMeasured, "the chip obeyed another command: another program may be using it")
        }
        guard result != resetValue else {
            throw SensorError(.powerOnValue, "the chip was reset during the conversion")
        }
    }

    /// The fine temperature; throws `.outOfRange` where nothing can be compensated with it.
    private func checkedB5(ut: UInt16) throws(SensorError) -> Double {
        let b5 = calibration.b5(ut: ut)
        let celsius = BMP180Calibration.celsius(b5: b5)
        guard Self.ranges[.temperature]?.contains(celsius) == true else {
            throw SensorError(.outOfRange, "\(celsius) °C is outside −40…85 °C")
        }
        return b5
    }

    private func measurements(b5: Double, up: UInt32) -> [Measurement] {
        let pascals = calibration.pascals(up: up, oversampling: oversampling, b5: b5)
        let isInRange = Self.ranges[.pressure]?.contains(pascals) == true
        return [
            Measurement(.temperature, BMP180Calibration.celsius(b5: b5)),
            isInRange ? Measurement(.pressure, pascals) : Measurement(.pressure, failed: .outOfRange),
        ]
    }
}
