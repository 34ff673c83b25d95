// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import Quantities

/// Something that measures, in steps, so that a driver holds no clock, no sleep and no stale buffer.
///
/// Not `Sendable`: a sensor lives on its bus's own thread.
package protocol Sensor {
    /// Starts a conversion and returns how long the chip needs before ``collect()``.
    mutating func startConversion() throws(SensorError) -> Duration
    /// Fetches the result of the conversion last started, never an older one, or asks for more time.
    ///
    /// A driver asks for a bounded number of waits only: a chip that stays busy is an error, `.notReady`.
    mutating func collect() throws(SensorError) -> Progress
    /// Leaves the chip as it was found, as far as the bus allows. Called once, before the sensor is dropped.
    mutating func restore()
}

/// How far a conversion has come.
package enum Progress: Sendable, Hashable {
    /// The chip is still busy, or has one more quantity to convert: call `collect()` again after this time.
    case wait(Duration)
    /// The conversion has ended with this.
    case finished([Measurement])

    /// The measurements of a conversion that has ended, else `nil`.
    package var measurements: [Measurement]? {
        if case .finished(let measurements) = self { measurements } else { nil }
    }
}

/// A chip on an I²C bus.
package protocol I2CSensorDriver: Sensor, SendableMetatype {
    /// The driver's name as written in `agent.toml`, lower case.
    static var name: String { get }
    /// The 7-bit addresses that the part can have.
    static var addresses: [UInt8] { get }
    /// What the part measures, each with the range outside of which no value is passed on, in the quantity's unit.
    static var ranges: [Quantity: ClosedRange<Double>] { get }
    /// Whether a checksum of the chip covers every byte of a result.
    static var isChecksummed: Bool { get }
    /// How many bus transactions an undisturbed reading takes: the fewest that the part allows.
    static var transactionsPerReading: Int { get }
    /// Identifies, configures and loads calibration: the sensor is ready, or an error is thrown.
    init(_ device: I2CDevice, part: Part) throws(SensorError)
}

/// What a driver is told about its part, where the chip itself does not say it.
package struct Part: Sendable, Hashable {
    /// The part's name as configured: the driver's name or one of its aliases.
    package var name: String
    /// Bits of the temperature, where members of a family differ (LM75); `nil` for what the part of that name has.
    package var resolutionBits: Int?
    /// The pressure oversampling setting, 0…3 (BMP180); `nil` for the driver's choice.
    package var oversampling: Int?
    /// Degrees Celsius that the conversion formula subtracts (HDC2080); `nil` for what the part of that name has.
    package var temperatureOffset: Double?
    /// The only quantity to convert, where the part converts them one by one (Si7021); `nil` for all.
    package var only: Quantity?
    /// Whether the chip is taken for what it is said to be.
    ///
    /// Then the initialiser neither asks nor configures it. For recorded results, where only the result is known.
    package var isTakenAsGiven = false

    /// Names a part with everything else as usual.
    package init(_ name: String) { self.name = name }
}

/// A thermometer that the kernel's 1-Wire subsystem shows as a directory of sysfs.
package protocol OneWireSensorDriver: Sensor, SendableMetatype {
    /// The driver's name as written in `agent.toml`, lower case.
    static var name: String { get }
    /// The family codes that the driver reads: two lower-case hex digits.
    static var families: [String] { get }
    /// Prepares the device with the full id `id`, for example `28-0316a279fcff`; starts no conversion.
    init(_ device: any SysfsDevice, id: String) throws(SensorError)
}

/// A failed step of a driver.
package struct SensorError: Error, Sendable, CustomStringConvertible {
    /// The kind, the same set for every chip.
    package var kind: SensorErrorKind
    /// What the driver was doing and what it saw, for people.
    package var detail: String
    /// The bus error behind it, where there was one.
    package var cause: BusError?

    /// Makes an error of a driver's own.
    package init(_ kind: SensorErrorKind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }

    /// Wraps a bus error; the kind follows from the bus error's kind.
    package init(_ cause: BusError, while detail: String) {
        self.kind = SensorErrorKind(cause.kind)
        self.detail = detail
        self.cause = cause
    }

    /// Whether a new conversion may succeed without anybody changing anything.
    ///
    /// A chip that did not acknowledge may do so the next time; a file that does not exist is looked for again, not retried.
    package var isRetryable: Bool { kind.isRetryable || cause?.kind == .noAcknowledge }

    /// The text that people read.
    package var description: String {
        cause.map { "\(detail): \($0)" } ?? "\(detail) (\(kind.rawValue))"
    }
}

extension SensorErrorKind {
    /// The sensor error that a bus error amounts to.
    package init(_ kind: BusError.Kind) {
        switch kind {
        case .noAcknowledge, .notFound: self = .notFound
        case .arbitrationLost, .busy: self = .notReady
        case .permission: self = .permission
        case .shortTransfer: self = .shortRead
        case .timedOut, .protocolViolation: self = .busError
        case .unsupported, .inputOutput: self = .ioError
        }
    }
}
