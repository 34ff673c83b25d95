// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Why a sensor gave no value; the same kinds for every chip, file and bus.
public enum SensorErrorKind: String, Sendable, Hashable, CaseIterable, Error {
    /// A checksum was wrong, or the kernel said that it was.
    case crcMismatch = "crc_mismatch"
    /// Busy, no result yet, or a resource is temporarily owned by someone else.
    case notReady = "not_ready"
    /// The chip holds the code of a skipped or never started measurement.
    case notMeasured = "not_measured"
    /// The chip says that it has not loaded its calibration.
    case notCalibrated = "not_calibrated"
    /// Trimming data are blank or impossible.
    case badCalibration = "bad_calibration"
    /// The result register still holds its reset value.
    case powerOnValue = "power_on_value"
    /// The chip that answers is not the expected one.
    case wrongIdentity = "wrong_identity"
    /// Data that only a dead or shorted bus produces, or a transfer that the bus could not finish.
    case busError = "bus_error"
    /// Fewer bytes than the transaction must return.
    case shortRead = "short_read"
    /// A file that can be read but holds nothing.
    case empty
    /// Text or bytes that contradict their format or themselves.
    case malformed
    /// Decoded, but outside what the part can measure.
    case outOfRange = "out_of_range"
    /// The part reports a fault of its own.
    case sensorFault = "sensor_fault"
    /// The kernel returned an input/output error.
    case ioError = "io_error"
    /// No such device, file or acknowledge.
    case notFound = "not_found"
    /// Access denied.
    case permission

    /// Whether a new measurement may succeed without anybody changing anything.
    public var isRetryable: Bool {
        switch self {
        case .wrongIdentity, .notFound, .permission: false
        default: true
        }
    }
}
