// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// Bosch BMP280: temperature and pressure in one forced conversion.
///
/// BST-BMP280-DS001.
package typealias BMP280 = BMx280<BMP280Variant>

/// The BMP280 as a member of its family.
package enum BMP280Variant: BMx280Variant {
    /// The driver's name.
    package static let driverName = "bmp280"
    /// The part's name.
    package static let partName = "BMP280"
    /// BST-BMP280-DS001, table 2.
    package static let ranges: [Quantity: ClosedRange<Double>] = [
        .temperature: -40...85, .pressure: 30_000...110_000,
    ]
}
