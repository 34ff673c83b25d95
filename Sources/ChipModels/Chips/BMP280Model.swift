// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Simulation

/// A Bosch BMP280, exact on the wire.
///
/// BST-BMP280-DS001.
package typealias BMP280Model = BMx280Model<BMP280ModelVariant>

/// What the BMP280 has instead.
package enum BMP280ModelVariant: BMx280ModelVariant {
    /// The name of the driver that reads the chip.
    package static let driverName = "bmp280"
    /// BST-BMP280-DS001, 4.3.1.
    package static let chipID: UInt8 = 0x58
    /// The humidity's registers are reserved.
    package static let measuresHumidity = false
    /// BST-BMP280-DS001, table 11.
    package static let standbyTimes: [Duration] = [
        .microseconds(500), .microseconds(62_500), .milliseconds(125), .milliseconds(250),
        .milliseconds(500), .milliseconds(1000), .milliseconds(2000), .milliseconds(4000),
    ]
}
