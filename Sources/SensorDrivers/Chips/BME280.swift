// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// Bosch BME280: temperature, pressure and humidity in one forced conversion.
///
/// BST-BME280-DS002.
package typealias BME280 = BMx280<BME280Variant>

/// What the BME280 has and the BMP280 has not: the humidity.
package enum BME280Variant: BMx280Variant {
    /// The driver's name.
    package static let driverName = "bme280"
    /// The part's name.
    package static let partName = "BME280"
    /// BST-BME280-DS002, tables 1 to 4.
    package static let ranges: [Quantity: ClosedRange<Double>] = [
        .temperature: -40...85, .pressure: 30_000...110_000, .relativeHumidity: 0...100,
    ]
}
