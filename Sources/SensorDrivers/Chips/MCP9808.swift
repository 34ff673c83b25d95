// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import Quantities

/// Microchip MCP9808: one temperature, read while the chip runs.
///
/// The chip has no one-shot command and no ready flag, and its data sheet gives typical conversion times only: a chip woken for
/// each reading could still show the temperature of before it slept. So it runs, which warms it by about 0.1 °C (0.2 mA). Locked
/// settings and limits stay as they are; registers above 0x08 are never touched. DS25095A.
package struct MCP9808: I2CSensorDriver {
    package static let name = "mcp9808"
    /// A2 to A0.
    package static let addresses: [UInt8] = [0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F]
    /// DS25095A, temperature characteristics.
    package static let ranges: [Quantity: ClosedRange<Double>] = [.temperature: celsiusRange]
    package static let isChecksummed = false
    /// One read.
    package static let transactionsPerReading = 1

    private static let celsiusRange = -40.0...125.0

    /// Time from one result to the next at the finest resolution: 250 ms typical, and a fifth more.
    private static let period = Duration.milliseconds(300)

    private enum Register {
        static let configuration: UInt8 = 0x01
        static let temperature: UInt8 = 0x05
        static let manufacturer: UInt8 = 0x06
        static let device: UInt8 = 0x07
        static let resolution: UInt8 = 0x08
    }

    /// Bits of the configuration register.
    ///
    /// DS25095A, register 5-2.
    private enum Configuration {
        static let shutdown: UInt16 = 0x0100
        /// Cannot be undone without a power cycle, and keep a chip from being shut down.
        static let locks: UInt16 = 0x00C0
        /// Clears an alert that somebody else may wait for.
        static let interruptClear: UInt16 = 0x0020
        /// Always read 0.
        static let unimplemented: UInt16 = 0xF800
    }

    /// Steps of 0.0625 °C.
    private static let finest: UInt8 = 3

    /// Where a reading stands.
    private enum Step {
        case idle, started
        /// The result was 0 °C, and another one decides.
        case confirming
    }

    private let device: I2CDevice
    private let foundConfiguration: UInt16
    private let foundResolution: UInt8
    private var step = Step.idle

    /// Checks that the chip is an MCP9808, wakes it where it sleeps and sets the finest resolution.
    ///
    /// Throws `.wrongIdentity` for another chip, for example a temperature sensor of a memory module.
    package init(_ device: I2CDevice, part: Part) throws(SensorError) {
        self.device = device
        guard !part.isTakenAsGiven else {
            (foundConfiguration, foundResolution) = (0, Self.finest)
            return
        }
        try Self.checkIdentity(of: device)
        let step = "reading the configuration of the MCP9808"
        foundConfiguration = try device.word(from: Register.configuration, while: step)
        foundResolution = try device.byte(from: Register.resolution, while: step) & Self.finest
        guard foundConfiguration & Configuration.unimplemented == 0 else {
            throw SensorError(
                .busError,
                "the configuration of the MCP9808 at \(device.location) reads 0x\(hex(foundConfiguration)), with bits that "
                    + "are always 0; check the wiring")
        }
        do throws(BusError) {
            if foundResolution != Self.finest { try device.write([Register.resolution, Self.finest]) }
            if foundConfiguration & Configuration.shutdown != 0 {
                // A lock that is set stays set; one that only a disturbed read shows must not be set by this.
                let running =
                    foundConfiguration
                    & ~(Configuration.shutdown | Configuration.interruptClear | Configuration.locks)
                try device.writeWord(running, to: Register.configuration)
            }
        } catch {
            restore()
            throw SensorError(error, while: "configuring the MCP9808")
        }
    }

    /// Sends nothing: a conversion that runs may have begun before, so that the one after it counts.
    package mutating func startConversion() throws(SensorError) -> Duration {
        step = .started
        return Self.period * 2
    }

    package mutating func collect() throws(SensorError) -> Progress {
        guard step != .idle else { throw SensorError.notStarted }
        let isConfirming = step == .confirming
        step = .idle
        let word = try device.word(from: Register.temperature, while: "reading the temperature")
        // A chip that lost power shows 0 °C until its first conversion ends.
        if Self.raw(word) == 0, !isConfirming {
            step = .confirming
            return .wait(Self.period)
        }
        return .finished([try Self.measurement(from: word)])
    }

    package mutating func restore() {
        step = .idle
        // Nobody is left to tell: a chip that does not answer now cannot be put back.
        if foundResolution != Self.finest {
            try? device.write([Register.resolution, foundResolution])
        }
        // A locked chip cannot be sent back to sleep.
        if foundConfiguration & Configuration.shutdown != 0, foundConfiguration & Configuration.locks == 0 {
            try? device.writeWord(
                foundConfiguration & ~Configuration.interruptClear, to: Register.configuration)
        }
    }

    private static func checkIdentity(of device: I2CDevice) throws(SensorError) {
        let step = "reading the id of an MCP9808 at \(device.location)"
        let manufacturer = try device.word(from: Register.manufacturer, while: step)
        let chip = try device.word(from: Register.device, while: step)
        guard manufacturer != 0xFFFF else {
            throw SensorError.onlyOnes(device)
        }
        // The low byte is the revision.
        guard manufacturer == 0x0054, chip >> 8 == 0x04 else {
            throw SensorError(
                .wrongIdentity,
                "the chip at \(device.location) is no MCP9808: its ids read 0x\(hex(manufacturer)) and "
                    + "0x\(hex(chip)); check driver and address")
        }
    }

    /// The temperature of a result word.
    ///
    /// DS25095A, register 5-4.
    ///
    /// Bits 15 to 13 say how the temperature compares with the limits, which are all 0 °C after power-up. Throws `.busError`
    /// for all ones, `.outOfRange` outside −40…125 °C.
    static func measurement(from word: UInt16) throws(SensorError) -> Measurement {
        // −0.0625 °C that is above the upper and below the lower limit.
        guard word != 0xFFFF else { throw SensorError(.busError, "the temperature reads 0xffff") }
        let celsius = Double(raw(word)) / 16
        return try .temperature(celsius, within: celsiusRange)
    }

    /// Thirteen bits in two's complement, in steps of 1/16 °C.
    private static func raw(_ word: UInt16) -> Int16 { Int16(bitPattern: word << 3) >> 3 }
}
