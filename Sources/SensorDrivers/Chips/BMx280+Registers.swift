// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// What tells the BME280 and the BMP280 apart; whether there is a humidity follows from the ranges.
package protocol BMx280Variant: Sendable {
    /// The driver's name as written in `agent.toml`.
    static var driverName: String { get }
    /// The part's name, for people.
    static var partName: String { get }
    /// What the part measures, each with its range in the quantity's unit.
    static var ranges: [Quantity: ClosedRange<Double>] { get }
}

extension BMx280Variant {
    static var measuresHumidity: Bool { ranges[.relativeHumidity] != nil }
}

/// The registers of the family, named as in the data sheets.
///
/// BST-BME280-DS002, 5.3; BST-BMP280-DS001, 4.2.
enum BMx280Register {
    static let calibration: UInt8 = 0x88
    static let humidityCalibration: UInt8 = 0xE1
    static let ctrlHum: UInt8 = 0xF2
    static let status: UInt8 = 0xF3
    static let ctrlMeas: UInt8 = 0xF4
    static let config: UInt8 = 0xF5
    static let pressure: UInt8 = 0xF7
    static let temperature: UInt8 = 0xFA
    static let humidity: UInt8 = 0xFD
}

/// The control registers of the family.
///
/// BST-BME280-DS002, 5.4.3, 5.4.5 and 5.4.6.
struct BMx280Settings: Sendable, Hashable {
    /// osrs_h in bits 2:0; 0 on a BMP280.
    var ctrlHum: UInt8
    /// osrs_t in bits 7:5, osrs_p in bits 4:2, mode in bits 1:0.
    var ctrlMeas: UInt8
    /// t_sb in bits 7:5, filter in bits 4:2, spi3w_en in bit 0.
    var config: UInt8

    /// Bits 1:0 of ctrl_meas: sleep, forced (01 and 10) or normal mode.
    static let mode: UInt8 = 0b11
    static let forcedMode: UInt8 = 0b01
    static let normalMode: UInt8 = 0b11

    /// Whether the chip converts, or is about to.
    var isAwake: Bool { ctrlMeas & Self.mode != 0 }

    /// The same without the bits that are reserved and may read as anything, and without the mode.
    var withoutMode: BMx280Settings {
        BMx280Settings(ctrlHum: ctrlHum & 0x07, ctrlMeas: ctrlMeas & ~Self.mode, config: config & 0xFD)
    }

    /// The longest time that one conversion takes with these settings.
    ///
    /// BST-BME280-DS002, 9.1: 1.25 + 2.3·osrs_t + (2.3·osrs_p + 0.575) + (2.3·osrs_h + 0.575) ms, without the bracket of
    /// what is skipped.
    var longestConversion: Duration {
        let samples = [0, 1, 2, 4, 8, 16, 16, 16]
        let temperature = samples[Int(ctrlMeas >> 5)]
        let brackets = [samples[Int(ctrlMeas >> 2 & 0b111)], samples[Int(ctrlHum & 0b111)]]
            .map { $0 == 0 ? 0 : 2300 * $0 + 575 }
        return .microseconds(1250 + 2300 * temperature + brackets[0] + brackets[1])
    }
}

/// Consecutive registers as one burst brought them.
struct BMx280Registers {
    private let first: UInt8
    private let bytes: [UInt8]

    /// Takes the bytes of a burst that began at `first`.
    init(_ bytes: [UInt8], from first: UInt8) {
        self.first = first
        self.bytes = bytes
    }

    /// The register's content; 0 for one that was not read.
    subscript(register: UInt8) -> UInt8 {
        let index = Int(register) - Int(first)
        return bytes.indices.contains(index) ? bytes[index] : 0
    }

    /// Whether all bits read 1, as they do where nothing drives the bus.
    var isDead: Bool { bytes.allSatisfy { $0 == 0xFF } }

    /// The control registers.
    var settings: BMx280Settings {
        BMx280Settings(
            ctrlHum: self[BMx280Register.ctrlHum], ctrlMeas: self[BMx280Register.ctrlMeas],
            config: self[BMx280Register.config])
    }

    /// Whether trimming data are being copied (im_update), which happens before every conversion, too.
    var isUpdating: Bool { self[BMx280Register.status] & 0x01 != 0 }

    /// Whether a conversion is running, or its result not yet in the data registers (measuring).
    var isMeasuring: Bool { self[BMx280Register.status] & 0x08 != 0 }

    /// A code of 20 bits; the low nibble of the third byte is no data.
    func code(at register: UInt8) -> UInt32 {
        UInt32(self[register]) << 12 | UInt32(self[register + 1]) << 4 | UInt32(self[register + 2]) >> 4
    }

    /// The code of the humidity, 16 bits.
    var humidityCode: UInt16 {
        UInt16(self[BMx280Register.humidity]) << 8 | UInt16(self[BMx280Register.humidity + 1])
    }
}
