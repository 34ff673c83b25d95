// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Simulation

/// A Bosch BME280, exact on the wire.
///
/// BST-BME280-DS002.
package typealias BME280Model = BMx280Model<BME280ModelVariant>

/// What the BME280 has that the BMP280 has not.
package enum BME280ModelVariant: BMx280ModelVariant {
    /// The name of the driver that reads the chip.
    package static let driverName = "bme280"
    /// BST-BME280-DS002, 5.4.1.
    package static let chipID: UInt8 = 0x60
    /// Registers 0xA1, 0xE1 to 0xE7, 0xF2, 0xFD and 0xFE.
    package static let measuresHumidity = true
    /// BST-BME280-DS002, table 27.
    package static let standbyTimes: [Duration] = [
        .microseconds(500), .microseconds(62_500), .milliseconds(125), .milliseconds(250),
        .milliseconds(500), .milliseconds(1000), .milliseconds(10), .milliseconds(20),
    ]
}
