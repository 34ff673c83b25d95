// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Quantities

/// Bosch's pressure sensors by the id that all of them keep in register 0xD0.
///
/// Many a module that is sold as a BME280 carries a BMP280, so the error of a wrong id names the driver to write instead.
enum BoschChipID {
    static let register: UInt8 = 0xD0

    /// Reads the id and throws `.wrongIdentity` unless it is that of a part which the driver of that name reads.
    static func check(_ device: I2CDevice, is part: String, driver: String) throws(SensorError) {
        let id = try device.byte(
            from: register, while: "reading the id of a \(part) at \(device.location)")
        guard id != 0xFF else { throw SensorError.onlyOnes(device) }
        let chip = known(id)
        guard chip?.driver != driver else { return }
        throw SensorError(
            .wrongIdentity, "the chip at \(device.location) is no \(part); \(advice(on: chip, id: id))")
    }

    /// The part with that id and the driver that reads it, where there is one.
    private static func known(_ id: UInt8) -> (part: String, driver: String?)? {
        switch id {
        case 0x55: ("BMP180 or BMP085", BMP180.name)
        // 0x56 and 0x57 are engineering samples.
        case 0x56, 0x57, 0x58: ("BMP280", BMP280.name)
        case 0x60: ("BME280", BME280.name)
        case 0x61: ("BME680 or BME688", nil)
        default: nil
        }
    }

    private static func advice(on chip: (part: String, driver: String?)?, id: UInt8) -> String {
        guard let chip else { return "its id reads 0x\(hex(id)): check the address and the driver" }
        guard let driver = chip.driver else {
            return "this is a \(chip.part), which no driver reads: take another chip"
        }
        return "this is a \(chip.part): write driver = \"\(driver)\""
    }
}
