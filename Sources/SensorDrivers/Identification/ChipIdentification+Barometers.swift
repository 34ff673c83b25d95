// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Quantities

extension ChipIdentification {
    private static let idRegister: UInt8 = 0xD0

    /// 0x76 and 0x77: the Bosch parts by their id, after making sure that it is no multiplexer.
    ///
    /// Vendor code: BME280_SensorAPI `bme280_defs.h`, BMP2_SensorAPI `bmp2_defs.h`, BME68x_SensorAPI `bme68x_defs.h`.
    static func barometer(_ inquiry: inout Inquiry) throws(SensorError) -> ChipIdentity? {
        guard let id = try idUnlessMultiplexer(&inquiry) else { return nil }
        switch id {
        case 0x60: return .known("bme280")
        // 0x56 and 0x57 are engineering samples.
        case 0x56, 0x57, 0x58: return .known("bmp280")
        case 0x55: return inquiry.device.address == 0x77 ? .known("bmp180") : nil
        case 0x61:
            switch try inquiry.byte(at: 0xF0) {
            case 0x00: return .known("bme680")
            case 0x01: return .known("bme688")
            default: return .ambiguous("bme680", others: ["bme688"])
            }
        default: return nil
        }
    }

    /// The id; a multiplexer takes the register number for its channel mask, shows it again, and gets its old mask back.
    ///
    /// TI TCA9548A: one control register, written by one byte and read by a bare read. Throws
    /// `.wrongIdentity` for such a part.
    private static func idUnlessMultiplexer(_ inquiry: inout Inquiry) throws(SensorError) -> UInt8? {
        // Without knowing what to put back nothing is written.
        guard let before = try inquiry.read(1)?.first else { return nil }
        let id: UInt8?
        do throws(SensorError) {
            id = try inquiry.byte(at: idRegister)
            // Whether the new mask shows at once or after the STOP, one of the two reads sees it.
            if let after = try inquiry.read(1)?.first, after != idRegister { return id }
        } catch {
            // The byte may have arrived all the same. For a Bosch part the old one is just another register number.
            try? putBack(before, to: inquiry.device)
            throw error
        }
        do throws(BusError) {
            try putBack(before, to: inquiry.device)
        } catch {
            throw SensorError(error, while: leftChanged(inquiry.device, before: before))
        }
        guard try inquiry.read(1)?.first == before else { return id }
        throw SensorError(
            .wrongIdentity,
            "it is an I2C multiplexer (TCA9548A or alike): chips behind it are not looked at")
    }

    /// Writes the byte, up to three times: a mask that stays wrong connects what must not be connected.
    private static func putBack(_ mask: UInt8, to device: I2CDevice) throws(BusError) {
        for _ in 0..<2 where (try? device.write([mask])) != nil { return }
        try device.write([mask])
    }

    private static func leftChanged(_ device: I2CDevice, before: UInt8) -> String {
        "what may be an I2C multiplexer at \(device.location) is left with the channel mask 0x\(hex(idRegister)), "
            + "which was 0x\(hex(before)): write that back or switch the power off and on"
    }
}
