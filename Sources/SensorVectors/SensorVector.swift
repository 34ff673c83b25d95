// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// One recorded input of a driver and the outcome that it has to have.
package struct SensorVector: Sendable, Hashable {
    /// What a driver gets to see.
    package enum Input: Sendable, Hashable {
        /// Register contents by their first address.
        case registers([UInt8: [UInt8]], part: PartHints)
        /// The reply to a measurement command.
        case frame([UInt8], part: PartHints)
        /// One attribute of a 1-Wire thermometer with that family code.
        case oneWire(family: String, attribute: String, content: FileContent)
        /// The files of a directory of sysfs; what is not listed does not exist.
        case directory([String: FileContent])
    }

    /// What a driver has to be told about the recorded part.
    package struct PartHints: Sendable, Hashable {
        /// `resolution_bits` (LM75 family).
        package var resolutionBits: Int?
        /// `oss` (BMP180).
        package var oversampling: Int?
        /// `temperature_offset` (HDC2080).
        package var temperatureOffset: Double?
        /// `quantity` (Si7021), by its name in vectors.
        package var quantity: String?
        /// `temperature_out` and `pressure_out` (BMP180): what the result registers hold after each of its conversions.
        package var results: (temperature: [UInt8], pressure: [UInt8])? {
            get { temperatureResult.flatMap { first in pressureResult.map { (first, $0) } } }
        }
        var temperatureResult: [UInt8]?
        var pressureResult: [UInt8]?
    }

    /// The content of a file, or the error number that opening or reading it returns.
    package enum FileContent: Sendable, Hashable {
        case bytes([UInt8])
        case failure(linuxErrno: Int32)
    }

    /// A value and how far off it may be.
    package struct Value: Sendable, Hashable {
        package var value: Double
        package var tolerance: Double
    }

    /// The required outcome.
    package struct Expectation: Sendable, Hashable {
        /// `ok`, `suspect` or `error`.
        package var status: String
        /// Why a value is suspect.
        package var reason: String?
        /// The values by the names of their quantities.
        package var readings: [String: Value]
        /// Quantities that fail while others do not, with the error kind.
        package var quantityErrors: [String: String]
        /// Values that are tolerated for quantities that should fail.
        package var optionalReadings: [String: Value]
        /// The error kind of status `error`.
        package var error: String?
        /// Other error kinds that pass.
        package var alsoAccept: [String]
        /// Whether a retry is worthwhile; `nil` where nobody asks.
        package var isRetryable: Bool?
        /// What the driver must say that it did to a value.
        package var flags: Set<String>
    }

    /// The name, unique over all files.
    package var id: String
    /// What the vector exercises.
    package var `class`: String
    /// What the driver gets to see.
    package var input: Input
    /// The required outcome.
    package var expected: Expectation
}
