// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import Quantities

/// Something that measures, in two phases, so that a driver holds no clock, no sleep and no stale buffer.
///
/// Not `Sendable`: a sensor lives on its bus's own thread.
package protocol Sensor {
    /// Starts a conversion and returns how long the chip needs before ``collect()``.
    mutating func startConversion() throws(SensorError) -> Duration
    /// Fetches the result of the conversion last started; never an older one.
    mutating func collect() throws(SensorError) -> [Measurement]
    /// Leaves the chip as it was found, as far as the bus allows. Called once, before the sensor is dropped.
    mutating func restore()
}

/// A chip on an I²C bus.
package protocol I2CSensorDriver: Sensor, SendableMetatype {
    /// The driver's name as written in `agent.toml`, lower case.
    static var name: String { get }
    /// The 7-bit addresses that the part can have.
    static var addresses: [UInt8] { get }
    /// Identifies, configures and loads calibration: the sensor is ready, or an error is thrown.
    init(_ device: I2CDevice) throws(SensorError)
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
